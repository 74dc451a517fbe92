/** Lets the management Prometheus scrape one cluster: asks for a token, renews it, and takes everything away with the cluster. */
import { appName } from '../../api/names.ts';
import { apiVersionOf, keyOf, type KubeClient, type ObjectRef, type ReconcileResult, type Request, resources } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { isReadyNow } from '../app/gate.ts';
import { type Cluster, isDeleting, isManaged } from '../cluster.ts';
import { monitoringComponent } from '../cluster-apps/components.ts';
import type { OperatorContext } from '../context.ts';
import type { RemoteClusters } from '../remote.ts';
import { servedResource } from '../served.ts';
import { annotations } from '../../api/labels.ts';
import { clusterIds, qualifiedId } from './cluster-id.ts';
import { apiServerOf } from './api-server.ts';
import { federationName, federationPlan, federationSecret, type FederationSecret, renewalOf, scrapeConfig } from './federation.ts';
import { firstAvailable } from './phase.ts';
import { requestToken } from './token.ts';

export interface MonitoringOptions {
  readonly context: OperatorContext;
  readonly clusters: { get(ref: ObjectRef): Cluster | undefined; items(): Cluster[] };
  readonly apps: { get(ref: ObjectRef): AppObject | undefined };
  readonly remotes: RemoteClusters;
}

const fieldManager = 'keelson-monitoring';
/** The address and the CA of an API server are looked at so often, whatever the token's life. */
const longestPauseMs = 3_600_000;
/** Until prometheus-operator is installed in the management cluster. */
const notServedMs = 15_000;

export class MonitoringReconciler {
  readonly #o: MonitoringOptions;

  constructor(options: MonitoringOptions) {
    this.#o = options;
  }

  async reconcile(request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
    const { context, clusters, apps, remotes } = this.#o;
    const { client, systemNamespace: namespace, clock } = context;
    const found = clusters.get(request);
    const cluster = found && !isDeleting(found) && isManaged(found) ? found : undefined;
    if (cluster) await this.#rememberAvailable(cluster, signal);
    const ref = { namespace, name: federationName(request) };
    const stored = await client.get<FederationSecret>(resources.secrets, ref, { signal });
    const app = apps.get({ namespace: request.namespace, name: appName(request.name, monitoringComponent) });
    const now = clock.now();
    const plan = federationPlan(cluster, { stored, isMonitored: app !== undefined && isReadyNow(app), now });
    if (plan.kind === 'remove') return await this.#remove(ref, stored !== undefined, signal);
    if (plan.kind === 'wait' || !cluster) return;

    const clusterId = clusterIds(clusters.items())(cluster);
    // So that its series go on under that id when the Cluster that had the name first is gone.
    if (clusterId === qualifiedId(cluster)) await this.#remember(cluster, { [annotations.clusterId]: clusterId }, signal);
    const kubeconfig = remotes.kubeconfig(request);
    const remote = await remotes.client(request);
    if (kubeconfig === undefined || !remote) return;
    const api = apiServerOf(kubeconfig);
    const renewAt = plan.kind === 'renew' ? await this.#renew(cluster, { remote, api }, signal) : plan.renewAt;

    if (!(await this.#isServed(signal))) return { requeueAfterMs: notServedMs };
    await client.apply(resources.scrapeConfigs, scrapeConfig(cluster, { namespace, api, clusterId }), { fieldManager, force: true, signal });
    return { requeueAfterMs: Math.max(1000, Math.min(longestPauseMs, renewAt.getTime() - now.getTime())) };
  }

  /** So that a cluster which loses what it had is not taken for one that never had it, also by an operator that was not there. */
  async #rememberAvailable(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const since = firstAvailable(cluster);
    if (since) await this.#remember(cluster, { [annotations.firstAvailable]: since.toISOString() }, signal);
  }

  async #remember(cluster: Cluster, noted: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    if (Object.entries(noted).every(([key, value]) => cluster.metadata.annotations?.[key] === value)) return;
    const { namespace, name, uid } = cluster.metadata;
    await this.#o.context.client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { metadata: { uid, annotations: noted } }, fieldManager, signal });
  }

  async #renew(cluster: Cluster, o: { readonly remote: KubeClient; readonly api: ReturnType<typeof apiServerOf> }, signal: AbortSignal): Promise<Date> {
    const { client, systemNamespace: namespace, clock, log } = this.#o.context;
    const token = await requestToken(o.remote, signal);
    const now = clock.now();
    await client.apply(resources.secrets, federationSecret(cluster, { namespace, token, api: o.api, now }), { fieldManager, force: true, signal });
    log.info({ cluster: keyOf(cluster.metadata), expiresAt: token.expiresAt.toISOString() }, 'scrape token renewed');
    return renewalOf(token, now);
  }

  async #remove(ref: Required<ObjectRef>, isStored: boolean, signal: AbortSignal): Promise<void> {
    const { client, log } = this.#o.context;
    if (!isStored) return;
    if (await this.#isServed(signal)) await client.delete(resources.scrapeConfigs, ref, { signal });
    // Last: as long as the Secret is there we know that something may be left.
    await client.delete(resources.secrets, ref, { signal });
    log.info({ name: ref.name }, 'scraping ended with its cluster');
  }

  async #isServed(signal: AbortSignal): Promise<boolean> {
    const { scrapeConfigs } = resources;
    return (await servedResource(this.#o.context.client, apiVersionOf(scrapeConfigs), scrapeConfigs.kind, signal)) !== undefined;
  }
}
