/** Makes an organization's namespace what it should be. */
import { clusterRoleName } from '../../../policies/tenancy/cluster-roles.ts';
import { roleNames } from '../../../policies/tenancy/roles.ts';
import { annotations, labels } from '../../api/labels.ts';
import { organizationNamespace } from '../../api/names.ts';
import type { Organization } from './organization-object.ts';
import { type Clock, isKubeError, type KubeClient, type KubeObject, type ObjectRef, type Random, type Resource, resources } from '../../kube/index.ts';
import { isDeleting } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { holds } from './holds.ts';
import { type RoleBinding, wantedAccount, wantedBindings, wantedBounds, wantedNamespace } from './wanted.ts';

export const fieldManager = 'keelson-organization';

/** Bindings as they were seen last. One that has changed since then brings its organization back here. */
export interface KnownBindings {
  get(ref: ObjectRef): RoleBinding | undefined;
}

export type Outcome =
  /** `againMs`: after which the bounds are to be written again. */
  | { readonly kind: 'applied'; readonly againMs: number }
  /** The namespace belongs to somebody else. */
  | { readonly kind: 'foreign' }
  /** The namespace of a former organization of this name is going. */
  | { readonly kind: 'ending' };

/** Bounds are not watched, since tenants may not touch them: within so long they are written again, whoever changed or deleted one. */
export const boundsMs = 3_600_000;

/** Rights come before bounds: somebody waits for them. Members change often, and bounds rarely: those are not written again for nothing. */
export class OrganizationApplier {
  readonly #client: KubeClient;
  readonly #known: KnownBindings;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #boundsMs: number;
  /** Organization → the namespace's uid and the bounds that were applied to it, and until when they are left alone, by the monotonic clock. */
  readonly #bounds = new Map<string, { readonly wanted: string; readonly untilMs: number }>();

  constructor({ client, clock, random }: Pick<OperatorContext, 'client' | 'clock' | 'random'>, known: KnownBindings, withinMs = boundsMs) {
    this.#client = client;
    this.#clock = clock;
    this.#random = random;
    this.#known = known;
    this.#boundsMs = withinMs;
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
    const againMs = await this.#applyBounds(name, { uid: namespace.metadata.uid, bounds: [wantedAccount(organization), ...wantedBounds(organization)] }, signal);
    return { kind: 'applied', againMs };
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

  /** @returns milliseconds after which to come again */
  async #applyBounds(name: string, o: { readonly uid: string | undefined; readonly bounds: readonly KubeObject[] }, signal: AbortSignal): Promise<number> {
    const wanted = JSON.stringify(o);
    const nowMs = this.#clock.monotonicMs();
    const last = this.#bounds.get(name);
    if (last?.wanted === wanted && nowMs < last.untilMs) return last.untilMs - nowMs;
    await Promise.all(o.bounds.map((object) => this.#write(resourceOf(object), object, signal)));
    const againMs = this.#boundsMs * (0.8 + 0.2 * this.#random());
    this.#bounds.set(name, { wanted, untilMs: nowMs + againMs });
    return againMs;
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
