/** What the workloads of a namespace ask for at their largest: every autoscaler at its maximum, one rolling update under way. */
import { formatOf, formatQuantity, parseQuantity, type Nanos } from '../quantity.ts';
import type { Container, Inventory, Item, Template } from './inventory.ts';

export interface Workload {
  readonly item: Item;
  readonly template: Template;
  /** Path of the pod's spec in the object. */
  readonly path: string;
  /** Pods at most in normal running; undefined where it depends on the number of nodes (DaemonSets). */
  readonly replicas: number | undefined;
  /** Pods on top while an update rolls. */
  readonly surge: number;
}

/** @param nodes number of nodes, for DaemonSets */
export function workloadsOf(all: Inventory, nodes?: number): Workload[] {
  const most = (item: Item, replicas: number | null | undefined): number => {
    const scaler = all.of('HorizontalPodAutoscaler').find(({ namespace, spec }) => namespace === item.namespace && spec.scaleTargetRef.kind === item.kind && spec.scaleTargetRef.name === item.name);
    return Math.max(replicas ?? 1, scaler?.spec.maxReplicas ?? 0);
  };
  return [
    ...all.of('Pod').map((item) => ({ item, template: { metadata: { labels: item.labels }, spec: item.spec } as Template, path: 'spec', replicas: 1, surge: 0 })),
    ...all.of('Deployment').map((item) => {
      const replicas = most(item, item.spec.replicas);
      const { type, rollingUpdate } = item.spec.strategy ?? {};
      return { item, template: item.spec.template, path: 'spec.template.spec', replicas, surge: type === 'Recreate' ? 0 : countOf(rollingUpdate?.maxSurge ?? '25%', replicas, 'up') };
    }),
    ...all.of('ReplicaSet').map((item) => ({ item, template: item.spec.template, path: 'spec.template.spec', replicas: most(item, item.spec.replicas), surge: 0 })),
    ...all.of('StatefulSet').map((item) => ({ item, template: item.spec.template, path: 'spec.template.spec', replicas: most(item, item.spec.replicas), surge: 0 })),
    ...all.of('DaemonSet').map((item) => ({ item, template: item.spec.template, path: 'spec.template.spec', replicas: nodes, surge: countOf(item.spec.updateStrategy?.rollingUpdate?.maxSurge ?? 0, nodes ?? 0, 'up') })),
    ...all.of('Job').map((item) => ({ item, template: item.spec.template, path: 'spec.template.spec', replicas: item.spec.parallelism ?? 1, surge: 0 })),
    ...all.of('CronJob').map((item) => ({ item, template: item.spec.jobTemplate.spec.template, path: 'spec.jobTemplate.spec.template.spec', replicas: item.spec.jobTemplate.spec.parallelism ?? 1, surge: 0 })),
  ];
}

/** A number, or a percentage of `total` rounded as the field says: maxSurge and minAvailable up, maxUnavailable of a Deployment down. */
export function countOf(value: number | string, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  if (percent === undefined) return Number(value) || 0;
  return round === 'up' ? Math.ceil((Number(percent) * total) / 100) : Math.floor((Number(percent) * total) / 100);
}

/** Amounts that the API server gives to a container that says nothing. */
export interface Defaults {
  readonly requests: Readonly<Record<string, Nanos>>;
  readonly limits: Readonly<Record<string, Nanos>>;
}

/** Of the LimitRanges of a namespace; a limit without a request makes the request too (core/v1/defaults.go, SetDefaults_Pod). */
export function defaultsOf(all: Inventory, namespace: string): Defaults {
  const requests: Record<string, Nanos> = {};
  const limits: Record<string, Nanos> = {};
  for (const { spec } of all.of('LimitRange').filter((item) => item.namespace === namespace)) {
    for (const limit of spec.limits.filter(({ type }) => type === 'Container')) {
      for (const [resource, amount] of Object.entries({ ...limit.max, ...limit.default })) limits[resource] ??= parseQuantity(amount);
      for (const [resource, amount] of Object.entries({ ...limit.max, ...limit.default, ...limit.defaultRequest })) requests[resource] ??= parseQuantity(amount);
    }
  }
  return { requests, limits };
}

/** "requests" or "limits" of one container after defaulting; undefined: it has none. */
export function amountOf(container: Container, which: 'requests' | 'limits', resource: string, defaults: Defaults): Nanos | undefined {
  const { requests, limits } = container.resources;
  if (which === 'limits') return limits[resource] === undefined ? defaults.limits[resource] : parseQuantity(limits[resource]);
  if (requests[resource] !== undefined) return parseQuantity(requests[resource]);
  return limits[resource] === undefined ? defaults.requests[resource] : parseQuantity(limits[resource]);
}

/**
 * What the quota counts for one pod: the larger of all running containers together and the greediest moment of the start, as
 * init containers run one after the other and sidecars stay (KEP-753), plus the overhead of the runtime class.
 */
export function podAmount({ spec }: Template, which: 'requests' | 'limits', resource: string, defaults: Defaults): Nanos {
  const own = spec.resources[which][resource];
  const overhead = parseQuantity(spec.overhead[resource] ?? 0);
  if (own !== undefined) return parseQuantity(own) + overhead;
  const of = (container: Container): Nanos => amountOf(container, which, resource, defaults) ?? 0n;
  let sidecars = 0n;
  let start = 0n;
  for (const container of spec.initContainers) {
    if (container.restartPolicy === 'Always') sidecars += of(container);
    const now = container.restartPolicy === 'Always' ? sidecars : sidecars + of(container);
    if (now > start) start = now;
  }
  const running = spec.containers.reduce((sum, container) => sum + of(container), sidecars);
  return (running > start ? running : start) + overhead;
}

/** An amount as people write it for that resource. */
export const text = (amount: Nanos, resource: string): string => formatQuantity(amount, formatOf(resource));
