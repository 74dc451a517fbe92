/** Makes an organization's namespace what it should be. */
import { clusterRoleName } from '../../../policies/tenancy/cluster-roles.ts';
import { roleNames } from '../../../policies/tenancy/roles.ts';
import { annotations, labels } from '../../api/labels.ts';
import { organizationNamespace } from '../../api/names.ts';
import type { Organization } from './organization-object.ts';
import { type Clock, isKubeError, type KubeClient, type KubeObject, type ObjectRef, type Resource, resources } from '../../kube/index.ts';
import { isDeleting } from '../cluster.ts';
import { holds } from './holds.ts';
import { type RoleBinding, wantedAccount, wantedBindings, wantedBounds, wantedNamespace } from './wanted.ts';

export const fieldManager = 'keelson-organization';

/** Bindings as they were seen last. One that has changed since then brings its organization back here. */
export interface KnownBindings {
  get(ref: ObjectRef): RoleBinding | undefined;
}

export type Outcome =
  | { readonly kind: 'applied' }
  /** The namespace belongs to somebody else. */
  | { readonly kind: 'foreign' }
  /** The namespace of a former organization of this name is going. */
  | { readonly kind: 'ending' };

/** Bounds are not watched, since tenants may not touch them: after so long they are written again, whoever changed or deleted one. */
export const boundsMs = 3_600_000;

/** Rights come before bounds: somebody waits for them. Members change often, and bounds rarely: those are not written again for nothing. */
export class OrganizationApplier {
  readonly #client: KubeClient;
  readonly #known: KnownBindings;
  readonly #clock: Clock;
  /** Organization → the namespace's uid and the bounds that were applied to it, and when by the monotonic clock. */
  readonly #bounds = new Map<string, { readonly wanted: string; readonly atMs: number }>();

  constructor({ client, clock }: { readonly client: KubeClient; readonly clock: Clock }, known: KnownBindings) {
    this.#client = client;
    this.#clock = clock;
    this.#known = known;
  }

  /** @throws KubeError */
  async apply(organization: Organization, signal: AbortSignal): Promise<Outcome> {
    const { name } = organization.metadata;
    const before = await this.#client.get(resources.namespaces, { name: organizationNamespace(name) }, { signal });
    if (before && isDeleting(before)) return { kind: 'ending' };
    if (before && before.metadata.labels?.[labels.organization] !== name) return { kind: 'foreign' };
    const wanted = wantedNamespace(organization);
    const namespace = before && holds(before, wanted) && !hasStaleDefaults(before, wanted) ? before : await this.#write(resources.namespaces, wanted, signal);
    await this.#applyBindings(organization, signal);
    await this.#applyBounds(name, { uid: namespace.metadata.uid, bounds: [wantedAccount(organization), ...wantedBounds(organization)] }, signal);
    return { kind: 'applied' };
  }

  forget(name: string): void {
    this.#bounds.delete(name);
  }

  /** One member who comes or goes changes one binding. Those of roles that nobody has are deleted whatever the cache says: it may not have seen them yet. */
  async #applyBindings(organization: Organization, signal: AbortSignal): Promise<void> {
    const namespace = organizationNamespace(organization.metadata.name);
    const wanted = wantedBindings(organization);
    const names = new Set(wanted.map(({ metadata }) => metadata.name));
    const gone = roleNames.map((role) => clusterRoleName(role, 'organization')).filter((name) => !names.has(name));
    await Promise.all([
      ...gone.map((name) => this.#client.delete(resources.roleBindings, { namespace, name }, { signal })),
      ...wanted.filter((binding) => !isAsWanted(this.#known.get(binding.metadata), binding)).map((binding) => applyBinding(this.#client, binding, signal)),
    ]);
  }

  async #applyBounds(name: string, o: { readonly uid: string | undefined; readonly bounds: readonly KubeObject[] }, signal: AbortSignal): Promise<void> {
    const wanted = JSON.stringify(o);
    const atMs = this.#clock.monotonicMs();
    const last = this.#bounds.get(name);
    if (last?.wanted === wanted && atMs - last.atMs < boundsMs) return;
    await Promise.all(o.bounds.map((object) => this.#write(resourceOf(object), object, signal)));
    this.#bounds.set(name, { wanted, atMs });
  }

  #write(resource: Resource, object: KubeObject, signal: AbortSignal): Promise<KubeObject> {
    return this.#client.apply(resource, object, { fieldManager, force: true, signal });
  }
}

/** The one field that is ours and may have to go. */
const hasStaleDefaults = (before: KubeObject, wanted: KubeObject): boolean => before.metadata.annotations?.[annotations.defaults] !== wanted.metadata.annotations?.[annotations.defaults];

/** What a list brings has neither kind nor version. */
function isAsWanted(known: RoleBinding | undefined, { metadata, roleRef, subjects }: RoleBinding): boolean {
  return known !== undefined && !isDeleting(known) && holds(known, { metadata, roleRef, subjects });
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
