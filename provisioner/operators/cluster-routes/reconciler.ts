/**
 * The last routes of a cluster that is being deleted. Where pod networks are routes of the cluster's router, the cloud
 * controller manager writes them, and dies with the control plane while they still stand there; Neutron then refuses to
 * take the router apart (409 RouterInterfaceInUseByRoute), and the deletion would never end.
 */
import { clusterTag, isOurClass } from '../../api/names.ts';
import { type KubeObject, keyOf, type ObjectRef, type ReconcileResult, type Request, resources } from '../../kube/index.ts';
import { Network, parseClouds, Session } from '../../openstack/index.ts';
import { cloudFacts, type CloudFacts } from '../cluster-apps/cloud-facts.ts';
import { type Cluster, isDeleting, type OpenStackCluster } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';

export interface ClusterRoutesOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined };
  readonly openStackClusters: { get(ref: ObjectRef): OpenStackCluster | undefined };
}

/** How soon it looks again while the deletion goes on: a route may have been written in the last moment. */
const againMs = 10_000;

export class ClusterRoutesReconciler {
  readonly #o: ClusterRoutesOptions;

  constructor(options: ClusterRoutesOptions) {
    this.#o = options;
  }

  async reconcile(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const cluster = this.#o.clusters.get(request);
    const ref = cluster?.spec?.infrastructureRef;
    // Only clouds of clusters of our class are ours to touch.
    if (!cluster || !ref || !isDeleting(cluster) || !isOurClass(cluster.spec?.topology?.classRef?.name)) return;
    const openStackCluster = this.#o.openStackClusters.get({ namespace: request.namespace, name: ref.name });
    // Cluster API deletes it when the last machine is gone: before that the routes still carry somebody's packets.
    if (!openStackCluster || !isDeleting(openStackCluster)) return;
    const facts = cloudFacts(openStackCluster);
    if (!facts) return;
    await this.#clear(cluster, facts, signal);
    return { requeueAfterMs: againMs };
  }

  async #clear(cluster: Cluster, facts: CloudFacts, signal: AbortSignal): Promise<void> {
    const session = await this.#session(cluster, facts, signal);
    try {
      const network = new Network(session);
      const [router] = await network.routers({ id: facts.routerId, tags: clusterTag(cluster.metadata) }, { signal });
      if (!router || router.routes.length === 0) return;
      await network.setRoutes(router.id, [], { signal });
      this.#o.context.log.info({ cluster: keyOf(cluster.metadata), router: router.id, routes: router.routes.length }, 'routes of a cluster that is being deleted removed');
    } finally {
      session.close();
    }
  }

  async #session(cluster: Cluster, { identity }: CloudFacts, signal: AbortSignal): Promise<Session> {
    const { namespace = '', name } = cluster.metadata;
    const found = await this.#o.context.client.get<KubeObject & { data?: Record<string, string> }>(resources.secrets, { namespace, name: identity.secret }, { signal });
    const field = (key: string): string | undefined => (found?.data?.[key] === undefined ? undefined : Buffer.from(found.data[key], 'base64').toString('utf8'));
    const clouds = field('clouds.yaml');
    if (clouds === undefined) throw new OperatorError('CLOUD_SECRET_INVALID', `Secret ${namespace}/${identity.secret} of Cluster ${name}, which is being deleted, has no clouds.yaml; create it again, the deletion needs it`);
    const ca = field('cacert');
    const cloud = parseClouds(clouds, identity.cloudName);
    return new Session({ cloud: identity.region === undefined ? cloud : { ...cloud, region_name: identity.region }, userAgent: 'keelson-operator', ...(ca === undefined ? {} : { ca }) });
  }
}
