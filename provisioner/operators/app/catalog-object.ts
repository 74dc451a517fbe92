/** A Catalog as it comes from the API server. */
import type { Catalog, CatalogStatus } from '../../api/catalog.ts';
import type { Condition, KubeObject, ObjectMeta } from '../../kube/index.ts';

export interface CatalogObject extends KubeObject {
  metadata: ObjectMeta;
  spec: Partial<Catalog['spec']> & Pick<Catalog['spec'], 'repositories'>;
  status?: Omit<CatalogStatus, 'conditions'> & { conditions?: Condition[] };
}
