/** A ClusterBundle as it comes from the API server. */
import type { ClusterBundleSpec } from '../../api/cluster-bundle.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../kube/index.ts';

export interface BundleObject extends KubeObject {
  metadata: ObjectMeta;
  spec: ClusterBundleSpec;
  status?: { observedGeneration?: number; conditions?: Condition[] };
}
