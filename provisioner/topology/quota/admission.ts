/** The two validating webhooks: Clusters within their organization's quota, Organizations beside each other. Both ask the API server as it is now. */
import { labels } from '../../api/labels.ts';
import { organizationNamespace, organizationOf } from '../../api/names.ts';
import type { Organization } from '../../api/organization.ts';
import { keyOf, type KubeClient, type KubeObject, resources } from '../../kube/index.ts';
import type { PreflightCluster } from '../../preflight/cluster.ts';
import { type Footprint, footprintOf, largerOf, sizesOf } from '../../preflight/footprint.ts';
import { quotaRefusal } from './cluster-quota.ts';
import { deletionRefusal, identityRefusal, namespaceRefusal, projectRefusal } from './organization-rules.ts';
import { Reservations } from './reservations.ts';
import type { AdmissionRequest, Refusal } from './review.ts';

/** Below the ten seconds that the API server waits. */
const deadlineMs = 8_000;

export class Admission {
  readonly #client: KubeClient;
  readonly #reservations: Reservations;

  constructor(client: KubeClient, nowMs: () => number = () => performance.now()) {
    this.#client = client;
    this.#reservations = new Reservations(nowMs);
  }

  /** @throws KubeError: the API server then refuses the request, because the webhook fails closed */
  async cluster(request: AdmissionRequest): Promise<Refusal> {
    const name = organizationOf(request.namespace);
    const cluster = request.object;
    if (name === undefined || !cluster) return undefined;
    return this.#reservations.inTurn(name, async () => {
      const signal = AbortSignal.timeout(deadlineMs);
      const organization = await this.#client.get<Organization>(resources.organizations, { name }, { signal });
      if (!organization) return `there is no Organization ${name}, to which namespace ${request.namespace} belongs: create it again`;
      const closed = request.operation === 'CREATE' ? (isGoing(organization) ?? identityRefusal(organization)) : undefined;
      if (closed !== undefined) return closed;
      const counting = { flavors: sizesOf(organization.status?.flavors) };
      const wanted = footprintOf(cluster, counting);
      const key = keyOf({ namespace: request.namespace, name: request.name || cluster.metadata.name });
      const refusal = quotaRefusal({
        organization, wanted,
        before: request.oldObject ? footprintOf(request.oldObject, counting) : undefined,
        others: await this.#others(request.namespace, { key, signal, footprint: (other) => footprintOf(other, counting) }),
      });
      if (refusal === undefined && !request.dryRun) this.#reservations.hold(key, wanted);
      return refusal;
    });
  }

  /** @throws KubeError */
  async organization({ operation, object, oldObject }: AdmissionRequest): Promise<Refusal> {
    const signal = AbortSignal.timeout(deadlineMs);
    const [wanted, before] = [object, oldObject] as [Organization | undefined, Organization | undefined];
    if (operation === 'DELETE') return before && deletionRefusal(before, await this.#clusterNames(before.metadata.name, signal));
    if (!wanted || wanted.metadata.deletionTimestamp !== undefined) return undefined;
    const { items: others } = await this.#client.list<Organization>(resources.organizations, { signal });
    return projectRefusal(wanted, before, others) ?? (operation === 'CREATE' ? namespaceRefusal(wanted, await this.#client.get(resources.namespaces, { name: organizationNamespace(wanted.metadata.name) }, { signal })) : undefined);
  }

  async #others(namespace: string, o: { readonly key: string; readonly signal: AbortSignal; readonly footprint: (cluster: PreflightCluster) => Footprint }): Promise<Footprint[]> {
    const { items } = await this.#client.list(resources.clusters, { namespace, signal: o.signal });
    const known = new Map(items.map((cluster) => [keyOf(cluster.metadata), o.footprint(cluster as PreflightCluster)]));
    for (const [key, held] of this.#reservations.held(`${namespace}/`)) known.set(key, known.has(key) ? largerOf(known.get(key) ?? held, held) : held);
    known.delete(o.key);
    return [...known.values()];
  }

  /** Only in a namespace that is the organization's: another one's clusters hold nothing back. */
  async #clusterNames(name: string, signal: AbortSignal): Promise<string[]> {
    const namespace = await this.#client.get<KubeObject>(resources.namespaces, { name: organizationNamespace(name) }, { signal });
    if (namespace?.metadata.labels?.[labels.organization] !== name) return [];
    const { items } = await this.#client.list(resources.clusters, { namespace: namespace.metadata.name, signal });
    return items.map(({ metadata }) => metadata.name);
  }
}

const isGoing = ({ metadata }: Organization): Refusal => (metadata.deletionTimestamp === undefined ? undefined : `organization ${metadata.name} is being deleted and gets no more clusters`);
