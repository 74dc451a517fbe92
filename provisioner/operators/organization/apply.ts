/** Makes an organization's namespace what it should be. */
import { clusterRoleName } from '../../../policies/tenancy/cluster-roles.ts';
import { roleNames } from '../../../policies/tenancy/roles.ts';
import { labels } from '../../api/labels.ts';
import { organizationNamespace } from '../../api/names.ts';
import type { Organization } from './organization-object.ts';
import { isKubeError, type KubeClient, type KubeObject, type Resource, resources } from '../../kube/index.ts';
import { isDeleting } from '../cluster.ts';
import { type RoleBinding, wantedAccount, wantedBindings, wantedBounds, wantedNamespace } from './wanted.ts';

export const fieldManager = 'keelson-organization';

export type Outcome =
  | { readonly kind: 'applied' }
  /** The namespace belongs to somebody else. */
  | { readonly kind: 'foreign' }
  /** The namespace of a former organization of this name is going. */
  | { readonly kind: 'ending' };

/** Rights come before bounds: somebody waits for them. @throws KubeError */
export async function applyOrganization(client: KubeClient, organization: Organization, signal: AbortSignal): Promise<Outcome> {
  const name = organizationNamespace(organization.metadata.name);
  const before = await client.get(resources.namespaces, { name }, { signal });
  if (before && isDeleting(before)) return { kind: 'ending' };
  if (before && before.metadata.labels?.[labels.organization] !== organization.metadata.name) return { kind: 'foreign' };
  const apply = (resource: Resource, object: KubeObject): Promise<KubeObject> => client.apply(resource, object, { fieldManager, force: true, signal });
  await apply(resources.namespaces, wantedNamespace(organization));
  await applyBindings(client, organization, signal);
  await Promise.all([wantedAccount(organization), ...wantedBounds(organization)].map((object) => apply(resourceOf(object), object)));
  return { kind: 'applied' };
}

async function applyBindings(client: KubeClient, organization: Organization, signal: AbortSignal): Promise<void> {
  const namespace = organizationNamespace(organization.metadata.name);
  const wanted = wantedBindings(organization);
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const gone = roleNames.map((role) => clusterRoleName(role, 'organization')).filter((name) => !names.has(name));
  await Promise.all([
    ...gone.map((name) => client.delete(resources.roleBindings, { namespace, name }, { signal })),
    ...wanted.map((binding) => applyBinding(client, binding, signal)),
  ]);
}

/** A binding's role cannot be changed (k8s.io/kubernetes/pkg/apis/rbac/validation): one of ours with another role is made anew. */
async function applyBinding(client: KubeClient, binding: RoleBinding, signal: AbortSignal): Promise<void> {
  const options = { fieldManager, force: true, signal };
  try {
    await client.apply(resources.roleBindings, binding, options);
  } catch (error) {
    if (!isKubeError(error, 'KUBE_INVALID')) throw error;
    await client.delete(resources.roleBindings, binding.metadata, { signal });
    await client.apply(resources.roleBindings, binding, options);
  }
}

const byKind: Readonly<Record<string, Resource>> = { ServiceAccount: resources.serviceAccounts, LimitRange: resources.limitRanges, ResourceQuota: resources.resourceQuotas, NetworkPolicy: resources.networkPolicies };

function resourceOf({ kind }: KubeObject): Resource {
  const resource = byKind[kind];
  if (!resource) throw new TypeError(`no resource for ${kind}`);
  return resource;
}
