/** An App as it comes from the API server. */
import type { App, AppStatus } from '../../api/app.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../kube/index.ts';

/** The status with conditions as `provisioner/kube` has them: Zod's optional fields also allow an explicit undefined, which no JSON holds. */
export type AppObjectStatus = Omit<AppStatus, 'conditions'> & { conditions?: Condition[] };

export interface AppObject extends KubeObject {
  metadata: ObjectMeta;
  spec: App['spec'];
  status?: AppObjectStatus;
}
