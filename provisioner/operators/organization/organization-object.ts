/** An Organization as it comes from the API server. */
import type { Organization as Declared, OrganizationStatus } from '../../api/organization.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../kube/index.ts';

/** The status with conditions as `provisioner/kube` has them: Zod's optional fields also allow an explicit undefined, which no JSON holds. */
export type Status = Omit<OrganizationStatus, 'conditions'> & { conditions?: Condition[] };

export interface Organization extends KubeObject {
  metadata: ObjectMeta;
  spec: Declared['spec'];
  status?: Status;
}
