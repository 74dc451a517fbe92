/** A quota that its own namespace cannot keep: refused pods, or an update that never ends. */
import { parseQuantity, type Nanos } from '../quantity.ts';
import { amountOf, defaultsOf, podAmount, text, type Workload } from './demand.ts';
import type { Item } from './inventory.ts';
import { finding, type Context, type Rule } from './rule.ts';

/** Names of compute resources in a quota → side and resource; "cpu" and "memory" alone mean requests. */
const compute: Readonly<Record<string, readonly ['requests' | 'limits', string]>> = Object.fromEntries(
  ['cpu', 'memory', 'ephemeral-storage'].flatMap((resource) => [
    [resource, ['requests', resource]],
    [`requests.${resource}`, ['requests', resource]],
    [`limits.${resource}`, ['limits', resource]],
  ]),
);

/** A quota with scopes counts some pods only; which ones, the lint does not decide. */
const quotasOf = ({ all }: Context): readonly Item<'ResourceQuota'>[] => all.of('ResourceQuota').filter(({ spec }) => spec.scopes.length === 0 && !spec.scopeSelector);
const inNamespace = ({ workloads }: Context, namespace: string): Workload[] => workloads.filter(({ item }) => item.namespace === namespace);

export const quotaExceeded: Rule = {
  name: 'quota/exceeded',
  demands: 'The workloads of a namespace fit its quota at their largest, with one rolling update under way.',
  check: (context) =>
    quotasOf(context).flatMap((quota) =>
      Object.entries(quota.spec.hard).flatMap(([resource, hard]) => {
        const needed = demandOf(context, quota.namespace, resource);
        if (!needed || needed.sum <= parseQuantity(hard)) return [];
        const { sum, largest } = needed;
        return [finding(quota, 'quota/exceeded', { path: `spec.hard["${resource}"]`, message: `${text(sum, resource)} of ${resource} are needed at most, ${hard} are allowed${largest ? `; the most is for ${largest}` : ''}`, fix: `Raise it to ${text(sum, resource)}, or lower requests, replicas or maxSurge.` })];
      }),
    ),
};

export const quotaNeedsAmount: Rule = {
  name: 'quota/needs-amount',
  demands: 'Every container says, or gets by a LimitRange, what a quota of its namespace counts.',
  check: (context) =>
    quotasOf(context).flatMap((quota) => {
      const defaults = defaultsOf(context.all, quota.namespace);
      return Object.keys(quota.spec.hard).flatMap((name) => {
        const [which, resource] = compute[name] ?? [];
        if (!which || !resource) return [];
        return inNamespace(context, quota.namespace).flatMap(({ item, template, path }) =>
          (['containers', 'initContainers'] as const).flatMap((list) =>
            template.spec[list].flatMap((container, i) =>
              amountOf(container, which, resource, defaults) !== undefined || template.spec.resources[which][resource] !== undefined
                ? []
                : [finding(item, 'quota/needs-amount', { path: `${path}.${list}[${i}].resources.${which}`, message: `container ${container.name} has no ${which}.${resource}, which ResourceQuota ${quota.name} counts: its pods are refused`, fix: `Set ${which}.${resource}, or add a LimitRange with a default to namespace ${quota.namespace}.` })],
            ),
          ),
        );
      });
    }),
};

/** Undefined for what the lint cannot add up. */
function demandOf(context: Context, namespace: string, resource: string): { sum: Nanos; largest?: string } | undefined {
  const one = 1_000_000_000n;
  const services = context.all.of('Service').filter((item) => item.namespace === namespace);
  switch (resource) {
    case 'services':
      return { sum: BigInt(services.length) * one };
    case 'services.loadbalancers':
      return { sum: BigInt(services.filter(({ spec }) => spec.type === 'LoadBalancer').length) * one };
    case 'services.nodeports':
      return { sum: BigInt(services.reduce((sum, { spec }) => sum + nodePortsOf(spec), 0)) * one };
    case 'persistentvolumeclaims':
      return { sum: claimsOf(context, namespace).reduce((sum, { count }) => sum + count, 0n) * one };
  }
  const [, storageClass, perClass = ''] = /^(.+)\.storageclass\.storage\.k8s\.io\/(.+)$/.exec(resource) ?? [undefined, undefined, resource];
  if (perClass === 'requests.storage' || (storageClass !== undefined && perClass === 'persistentvolumeclaims')) {
    const claims = claimsOf(context, namespace).filter((claim) => storageClass === undefined || claim.storageClass === storageClass);
    return { sum: claims.reduce((sum, { count, size }) => sum + count * (perClass === 'requests.storage' ? size : one), 0n) };
  }
  const [which, counted] = compute[resource] ?? [];
  if (resource !== 'pods' && (!which || !counted)) return undefined;
  const defaults = defaultsOf(context.all, namespace);
  const parts = inNamespace(context, namespace).map(({ item, template, replicas = 0, surge }) => ({
    name: `${item.kind} ${item.name}`,
    amount: BigInt(replicas + surge) * (which && counted ? podAmount(template, which, counted, defaults) : one),
  }));
  const largest = parts.reduce<(typeof parts)[number] | undefined>((most, part) => (most && most.amount >= part.amount ? most : part), undefined);
  return { sum: parts.reduce((sum, { amount }) => sum + amount, 0n), ...(largest ? { largest: largest.name } : {}) };
}

function claimsOf({ all, workloads }: Context, namespace: string): { storageClass: string | null | undefined; size: Nanos; count: bigint }[] {
  const of = (spec: Item<'PersistentVolumeClaim'>['spec'], count: number) => ({ storageClass: spec.storageClassName, size: parseQuantity(spec.resources.requests['storage'] ?? 0), count: BigInt(count) });
  return [
    ...all.of('PersistentVolumeClaim').filter((item) => item.namespace === namespace).map(({ spec }) => of(spec, 1)),
    ...all.of('StatefulSet').filter((item) => item.namespace === namespace).flatMap((item) => {
      const replicas = workloads.find((workload) => workload.item === item)?.replicas ?? 1;
      return item.spec.volumeClaimTemplates.map(({ spec }) => of(spec, replicas));
    }),
  ];
}

/** As the API server counts them: every port of a LoadBalancer Service, unless it asks for none (quota/v1/evaluator/core/services.go). */
function nodePortsOf({ type, ports, allocateLoadBalancerNodePorts }: Item<'Service'>['spec']): number {
  if (type === 'NodePort') return ports.length;
  if (type !== 'LoadBalancer') return 0;
  return allocateLoadBalancerNodePorts === false ? ports.filter(({ nodePort }) => nodePort).length : ports.length;
}
