/** What the search starts from: roles, bindings and service accounts of an API server, as data. */
import { rbacObjects } from '../../../../../policies/tenancy/lint/rbac-objects.ts';
import type { RbacState } from '../../../../../policies/tenancy/rights/evaluate.ts';
import { apiVersionOf, type KubeClient, type KubeObject, type Resource, resources } from '../../../../../provisioner/kube/index.ts';
import type { Terrain } from './terrain.ts';

export interface World {
  readonly terrain: Terrain;
  readonly rbac: RbacState;
  readonly accounts: readonly { readonly namespace: string; readonly name: string }[];
}


export async function readWorld(client: KubeClient, terrain: Terrain): Promise<World> {
  const read = async (resource: Resource): Promise<KubeObject[]> => (await client.list(resource)).items.map((object) => ({ ...object, apiVersion: apiVersionOf(resource), kind: resource.kind }));
  const rbac = (await Promise.all([resources.roles, resources.clusterRoles, resources.roleBindings, resources.clusterRoleBindings].map(read))).flat();
  const accounts = (await read(resources.serviceAccounts)).map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }));
  return { terrain, rbac: rbacObjects(rbac.map((object) => ({ object }))), accounts: accounts.filter(({ namespace }) => terrain.namespaces.includes(namespace)) };
}
