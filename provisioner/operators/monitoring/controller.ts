/** The controller of `monitoring`: what wakes it. */
import { labels } from '../../api/labels.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, keyOf, Reflector, resources, source } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { isReadyNow } from '../app/gate.ts';
import { type Cluster, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { monitoringComponent } from '../cluster-apps/components.ts';
import { clusterOfKubeconfig, type KubeconfigSecret } from '../remote.ts';
import { clusterOfSecret, federationSelector, type FederationSecret } from './federation.ts';
import { firstAvailable } from './phase.ts';
import { type MonitoringOptions, MonitoringReconciler } from './reconciler.ts';

export interface MonitoringControllerOptions extends MonitoringOptions {
  readonly clusters: MonitoringOptions['clusters'] & ChangeSource<Cluster>;
  readonly apps: MonitoringOptions['apps'] & ChangeSource<AppObject>;
  readonly kubeconfigs: ChangeSource<KubeconfigSecret>;
  readonly secrets: Reflector<FederationSecret>;
}

/** The Secrets of federation without their data: to know, after a restart, of clusters that went while nobody looked. Tokens stay out of memory. */
export function federationSecrets(context: OperatorContext): Reflector<FederationSecret> {
  return new Reflector<FederationSecret>({
    ...context, resource: resources.secrets, namespace: context.systemNamespace, labelSelector: federationSelector,
    observer: context.metrics?.reflectorObserver('secrets of federation'),
    transform: ({ apiVersion, kind, metadata }) => ({ apiVersion, kind, metadata }),
  });
}

export function monitoringController(o: MonitoringControllerOptions): Controller {
  const { context } = o;
  const reconciler = new MonitoringReconciler(o);
  return new Controller({
    ...context,
    name: 'monitoring',
    workers: 2,
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 1000, maxMs: 300_000 }),
    sources: [
      source({ reflector: o.clusters, isRelevant: isClusterNews }),
      source({ reflector: o.apps, isRelevant: isAppNews, keys: ofCluster }),
      source({ reflector: o.kubeconfigs, keys: (secret) => [clusterOfKubeconfig(secret)] }),
      source({ reflector: o.secrets, keys: (secret) => [clusterOfSecret(secret) ?? []].flat() }),
    ],
    reconcile: (request, signal) => reconciler.reconcile(request, signal),
  });
}

function ofCluster(app: AppObject): string[] {
  return app.metadata.labels?.[labels.component] === monitoringComponent ? [keyOf({ namespace: app.metadata.namespace, name: app.spec.cluster ?? '' })] : [];
}

function isClusterNews({ type, old, object }: Change<Cluster>): boolean {
  const facts = (c: Cluster): string => JSON.stringify([c.metadata.deletionTimestamp, c.metadata.labels, isManaged(c), firstAvailable(c)]);
  return type !== 'modified' || !old || facts(old) !== facts(object);
}

function isAppNews({ old, object }: Change<AppObject>): boolean {
  return !old || isReadyNow(old) !== isReadyNow(object);
}
