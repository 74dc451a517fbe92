/** Access to workload clusters: logins (ClusterAccess) and lasting rights (AccessBinding), over caches that both share. */
import type { Registry } from 'prom-client';
import type { AccessBinding } from '../../api/access-binding.ts';
import type { ClusterAccess } from '../../api/cluster-access.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, keyOf, type KubeObject, type ObjectRef, parseKey, Reflector, type Resource, resources, source, type Source } from '../../kube/index.ts';
import { type Cluster, hasControlPlane, isManaged } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { clusterOfKubeconfig, type KubeconfigSecret, type RemoteClusters } from '../remote.ts';
import { AccessReconciler } from './access-reconciler.ts';
import { reconcileBinding } from './binding-reconciler.ts';
import { publishConnection } from './connection.ts';
import { AccessCounters, registerAccessGauges } from './metrics.ts';
import { OpenRequests } from './open-requests.ts';
import { isRefused, readyOf } from './report.ts';
import { type BindingObject, loginsOf, RoleDoubts, type RoleObject, trimmedBinding, trimmedRole, unbinds, weakens } from './role-doubts.ts';
import { RightsBoard } from './rights-board.ts';
import { isSelected, RightsReconciler } from './rights-reconciler.ts';
import { Signers } from './signers.ts';
import { WatchedClusters } from './watched-clusters.ts';

export interface Cache<T extends KubeObject> extends ChangeSource<T> {
  get(ref: ObjectRef): T | undefined;
  items(): T[];
}

export interface AccessControllerOptions {
  readonly context: OperatorContext;
  readonly registry: Registry;
  readonly clusters: Cache<Cluster>;
  readonly accesses: Cache<ClusterAccess & KubeObject>;
  readonly bindings: Cache<AccessBinding & KubeObject>;
  readonly kubeconfigs: ChangeSource<KubeconfigSecret>;
  readonly remotes: RemoteClusters;
  /** Requests and clusters worked on at a time, default 16: they wait for other API servers most of the time. */
  readonly workers?: number;
}

export function accessControllers(o: AccessControllerOptions): { readonly controllers: readonly Controller[]; close(): void } {
  const { context, clusters, accesses, bindings, kubeconfigs, remotes, workers = 16 } = o;
  const board = new RightsBoard((keys) => keys.forEach((key) => statuses.enqueue(parseKey(key))));
  const watched = new WatchedClusters({ context, remotes, onNews: (cluster) => rights.enqueue(cluster) });
  const signers = new Signers({ context, remotes });
  const doubts = new RoleDoubts(context.clock);
  const counters = new AccessCounters(o.registry);
  registerAccessGauges(o.registry, { accesses, board, now: () => context.clock.now() });
  const limiter = (): ExponentialLimiter => new ExponentialLimiter({ random: context.random, baseMs: 250, maxMs: 60_000 });

  const logins = new AccessReconciler({ context, clusters, accesses, remotes, signers, counters, doubts, requests: new OpenRequests(), refuseLater: (request) => surplus.enqueue(request) });
  const surplus = new Controller({
    ...context, workers: 2, name: 'cluster-access-surplus', rateLimiter: limiter(), timeoutMs: 60_000, sources: [source({ reflector: accesses, isRelevant: () => false })],
    reconcile: (request, signal) => logins.refuseSurplus(request, signal),
  });
  const access = new Controller({
    ...context, workers, name: 'cluster-access', rateLimiter: limiter(), timeoutMs: 60_000,
    sources: [
      source({ reflector: accesses, isRelevant: isNewRequest }),
      source({ reflector: clusters, isRelevant: isClusterNews, keys: (cluster) => waitingFor(keyOf(cluster.metadata), accesses.items()) }),
      source({ reflector: kubeconfigs, keys: (secret) => waitingFor(clusterOfKubeconfig(secret), accesses.items()) }),
      ...lostRoles(context, accesses, doubts),
    ],
    reconcile: (request, signal) => logins.reconcile(request, signal),
  });

  const reconciler = new RightsReconciler({ context, clusters, accesses, bindings, watched, board });
  const rights = new Controller({
    ...context, workers, name: 'access-rights', rateLimiter: limiter(), timeoutMs: 60_000,
    sources: [
      source({ reflector: clusters, isRelevant: isClusterNews }),
      source({ reflector: kubeconfigs, keys: (secret) => [clusterOfKubeconfig(secret)] }),
      source({ reflector: accesses, isRelevant: isSignedOrGone, keys: ({ metadata, spec }) => [keyOf({ namespace: metadata.namespace, name: spec.cluster })] }),
      source({ reflector: bindings, isRelevant: isOtherSpec, keys: (binding) => selectedBy(binding, clusters.items()) }),
    ],
    reconcile: (request, signal) => reconciler.reconcile(request, signal),
  });

  const statuses = new Controller({
    ...context, workers: 4, name: 'access-binding', rateLimiter: limiter(),
    sources: [source({ reflector: bindings, isRelevant: isOtherSpec }), source({ reflector: clusters, isRelevant: isClusterNews, keys: (cluster) => bindings.items().filter((binding) => binding.metadata.namespace === cluster.metadata.namespace).map((binding) => keyOf(binding.metadata)) })],
    reconcile: (request, signal) => reconcileBinding({ context, clusters, bindings, board }, request, signal),
  });
  const connections = new Controller({
    ...context, workers: 2, name: 'access-connection', rateLimiter: limiter(),
    sources: [source({ reflector: kubeconfigs, keys: (secret) => [clusterOfKubeconfig(secret)] }), source({ reflector: clusters, isRelevant: isClusterNews })],
    reconcile: (request, signal) => publishConnection({ context, clusters, remotes }, request, signal),
  });
  return {
    controllers: [access, surplus, rights, statuses, connections],
    close() {
      watched.close();
      signers.close();
    },
  };
}

/** A role that somebody loses raises doubts about the logins it let them take. */
function lostRoles(context: OperatorContext, accesses: Cache<ClusterAccess & KubeObject>, doubts: RoleDoubts): Source[] {
  const cache = <T extends KubeObject>(resource: Resource, transform: (object: T) => T): Reflector<T> =>
    new Reflector<T>({ ...context, resource, transform, observer: context.metrics?.reflectorObserver(`${resource.plural} of logins`) });
  const alive = (): (ClusterAccess & KubeObject)[] => accesses.items().filter((access) => !isRefused(access));
  const inNamespace = (namespace = ''): (ClusterAccess & KubeObject)[] => alive().filter(({ metadata }) => namespace === '' || metadata.namespace === namespace);
  return [
    ...[resources.roleBindings, resources.clusterRoleBindings].map((resource) => source({ reflector: cache<BindingObject>(resource, trimmedBinding), isRelevant: unbinds, keys: (binding) => doubts.raiseAll(loginsOf(binding, alive())) })),
    ...[resources.roles, resources.clusterRoles].map((resource) => source({ reflector: cache<RoleObject>(resource, trimmedRole), isRelevant: weakens, keys: (role) => doubts.raiseAll(inNamespace(role.metadata.namespace)) })),
  ];
}

/** Nothing of a request changes but its status, which is ours. */
function isNewRequest({ old, object }: Change<ClusterAccess & KubeObject>): boolean {
  return !old || old.metadata.uid !== object.metadata.uid || old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp || readyOf(object)?.reason !== readyOf(old)?.reason;
}

function isSignedOrGone({ type, old, object }: Change<ClusterAccess & KubeObject>): boolean {
  return type === 'deleted' || old?.status?.expiresAt !== object.status?.expiresAt || old?.metadata.deletionTimestamp !== object.metadata.deletionTimestamp;
}

function isOtherSpec({ type, old, object }: Change<AccessBinding & KubeObject>): boolean {
  return type === 'deleted' || !old || old.metadata.generation !== object.metadata.generation || old.metadata.uid !== object.metadata.uid || old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp;
}

function isClusterNews({ type, old, object }: Change<Cluster>): boolean {
  const facts = (cluster: Cluster): string => JSON.stringify([cluster.metadata.uid, cluster.metadata.deletionTimestamp, cluster.metadata.labels, isManaged(cluster), hasControlPlane(cluster)]);
  return type !== 'modified' || !old || facts(old) !== facts(object);
}

const waitingFor = (cluster: string, accesses: readonly ClusterAccess[]): string[] =>
  accesses.filter(({ metadata, spec, status }) => status?.expiresAt === undefined && keyOf({ namespace: metadata.namespace, name: spec.cluster }) === cluster).map(({ metadata }) => keyOf(metadata));

const selectedBy = (binding: AccessBinding, clusters: readonly Cluster[]): string[] =>
  clusters.filter((cluster) => cluster.metadata.namespace === binding.metadata.namespace && isSelected(binding, cluster.metadata)).map((cluster) => keyOf(cluster.metadata));
