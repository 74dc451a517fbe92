/** An App as it comes from the API server. */
import type { App, AppStatus } from '../../api/app.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../kube/index.ts';

/** The status with conditions as `provisioner/kube` has them: Zod's optional fields also allow an explicit undefined, which no JSON holds. */
export type AppObjectStatus = Omit<AppStatus, 'conditions'> & { conditions?: Condition[] };

/** What every App says; the API server fills in the rest, but an older one did not know all of it. */
export type AppObjectSpec = Partial<App['spec']> & Pick<App['spec'], 'chart' | 'namespace' | 'values' | 'dependsOn'>;

export interface AppObject extends KubeObject {
  metadata: ObjectMeta;
  spec: AppObjectSpec;
  status?: AppObjectStatus;
}
