/**
 * What a namespace of a class gets: defaults and bounds for its containers and volumes, a quota of its sum, and a quota of
 * none for priorities that are not its own. Default-deny network policies come from policies/network.
 */
import { TenancyError } from './errors.ts';
import type { Manifest } from './manifest.ts';
import { namespaceClasses, nodePortsFor, type Amounts, type ClassName, type NamespaceClass } from './namespace-class.ts';
import { parseQuantity } from './quantity.ts';

export interface NamespaceSettings {
  readonly namespace: string;
  readonly class: ClassName;
  /** Replaces amounts of the class's quota by name; "unlimited" takes one out. `<class>.storageclass.storage.k8s.io/…` bounds a storage class. */
  readonly quota?: Readonly<Record<string, string | number>>;
}

/** @throws TenancyError TENANCY_CLASS, TENANCY_QUANTITY */
export function namespaceObjects(settings: NamespaceSettings): Manifest[] {
  const of = namespaceClasses[settings.class];
  const quota = quotaOf(of, settings);
  return [
    limitRange(settings.namespace, of),
    ...(quota ? [resourceQuota(settings.namespace, 'keelson', quota)] : []),
    ...(of.forbiddenPriorities.length ? [priorityQuota(settings.namespace, of.forbiddenPriorities)] : []),
  ];
}

function limitRange(namespace: string, of: NamespaceClass): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'keelson', namespace },
    spec: {
      limits: [
        { type: 'Container', defaultRequest: of.defaultRequest, default: of.defaultLimit, ...(Object.keys(of.largestContainer).length ? { max: of.largestContainer } : {}) },
        { type: 'PersistentVolumeClaim', min: { storage: of.volume.smallest }, max: { storage: of.volume.largest } },
      ],
    },
  };
}

function resourceQuota(namespace: string, name: string, hard: Amounts, scopeSelector?: object): Manifest {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name, namespace }, spec: { hard, ...(scopeSelector ? { scopeSelector } : {}) } };
}

/** No pod at all may name one of these classes here: it would push out the pods of others. */
function priorityQuota(namespace: string, classes: readonly string[]): Manifest {
  return resourceQuota(namespace, 'keelson-priorities', { pods: '0' }, { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: [...classes] }] });
}

function quotaOf(of: NamespaceClass, { namespace, class: name, quota: wanted = {} }: NamespaceSettings): Amounts | undefined {
  if (!of.quota) {
    if (Object.keys(wanted).length === 0) return undefined;
    throw new TenancyError('TENANCY_CLASS', `namespace ${namespace}: class ${name} has no quota to change; remove "quota" or choose class tenant`);
  }
  const hard: Record<string, string> = { ...of.quota };
  for (const [resource, amount] of Object.entries(wanted)) {
    if (amount === 'unlimited') delete hard[resource];
    else if (parseQuantity(amount) < 0n) throw new TenancyError('TENANCY_QUANTITY', `namespace ${namespace}: quota of ${resource} is ${amount}; give zero or more`);
    else hard[resource] = String(amount);
  }
  const balancers = hard['services.loadbalancers'];
  if (balancers !== undefined && wanted['services.nodeports'] === undefined) hard['services.nodeports'] = String(nodePortsFor(Number(balancers)));
  return hard;
}
