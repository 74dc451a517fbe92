/** The objects that the lint reads, sorted by kind; every other kind is left aside. Only fields that a rule reads are named. */
import { z } from 'zod';
import { nameOf, type ObjectRef, type Source } from '../../findings/finding.ts';
import { parse, type Input } from './input.ts';

/** Kubernetes leaves out what is empty, and decodes null as not set. */
const list = <T extends z.ZodType>(of: T) => z.array(of).nullish().transform((value) => value ?? []);
const map = z.record(z.string(), z.string()).nullish().transform((value) => value ?? {});
const amounts = z.record(z.string(), z.union([z.string(), z.number()])).nullish().transform((value) => value ?? {});
const intOrPercent = z.union([z.number(), z.string()]).nullish();
const resources = z.looseObject({ requests: amounts, limits: amounts }).nullish().transform((value) => value ?? { requests: {}, limits: {} });
const container = z.looseObject({ name: z.string(), resources, restartPolicy: z.string().nullish() });
const selector = z.looseObject({ matchLabels: map, matchExpressions: list(z.looseObject({ key: z.string(), operator: z.string(), values: list(z.string()) })) });
const template = z.looseObject({
  metadata: z.looseObject({ labels: map }).nullish().transform((value) => value ?? { labels: {} }),
  spec: z.looseObject({ containers: list(container), initContainers: list(container), overhead: amounts, priorityClassName: z.string().nullish(), resources }),
});
const claim = z.looseObject({ spec: z.looseObject({ resources, storageClassName: z.string().nullish() }) });

const specs = {
  Pod: template.shape.spec,
  Deployment: z.looseObject({ replicas: z.number().nullish(), template, strategy: z.looseObject({ type: z.string().nullish(), rollingUpdate: z.looseObject({ maxSurge: intOrPercent }).nullish() }).nullish() }),
  ReplicaSet: z.looseObject({ replicas: z.number().nullish(), template }),
  StatefulSet: z.looseObject({ replicas: z.number().nullish(), template, volumeClaimTemplates: list(claim) }),
  DaemonSet: z.looseObject({ template, updateStrategy: z.looseObject({ rollingUpdate: z.looseObject({ maxSurge: intOrPercent }).nullish() }).nullish() }),
  Job: z.looseObject({ parallelism: z.number().nullish(), template }),
  CronJob: z.looseObject({ concurrencyPolicy: z.string().nullish(), jobTemplate: z.looseObject({ spec: z.looseObject({ parallelism: z.number().nullish(), template }) }) }),
  HorizontalPodAutoscaler: z.looseObject({ maxReplicas: z.number(), scaleTargetRef: z.looseObject({ kind: z.string(), name: z.string() }) }),
  PersistentVolumeClaim: claim.shape.spec,
  Service: z.looseObject({ type: z.string().nullish(), allocateLoadBalancerNodePorts: z.boolean().nullish(), ports: list(z.looseObject({ nodePort: z.number().nullish() })) }),
  ResourceQuota: z.looseObject({ hard: amounts, scopes: list(z.string()), scopeSelector: z.looseObject({}).nullish() }),
  LimitRange: z.looseObject({ limits: list(z.looseObject({ type: z.string(), max: amounts, min: amounts, default: amounts, defaultRequest: amounts, maxLimitRequestRatio: amounts })) }),
  PodDisruptionBudget: z.looseObject({ minAvailable: intOrPercent, maxUnavailable: intOrPercent, unhealthyPodEvictionPolicy: z.string().nullish(), selector: selector.nullish() }),
} as const;

export type Kind = keyof typeof specs;
export type SpecOf<K extends Kind> = z.output<(typeof specs)[K]>;
export type Template = z.output<typeof template>;
export type Container = z.output<typeof container>;
export type Selector = z.output<typeof selector>;

/** An object with the place it came from. Without a namespace it is in "default", as kubectl would put it. */
export interface Item<K extends Kind = Kind> {
  readonly kind: K;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: SpecOf<K>;
  readonly ref: ObjectRef;
  readonly source?: Source;
}

export interface Inventory {
  of<K extends Kind>(kind: K): readonly Item<K>[];
}

const groups = new Set(['v1', 'apps/v1', 'batch/v1', 'autoscaling/v1', 'autoscaling/v2', 'policy/v1']);
const head = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string().nullish(), generateName: z.string().nullish(), namespace: z.string().nullish(), labels: map }),
});

/** @throws TenancyError TENANCY_SHAPE for an object whose fields the API server would refuse */
export function inventory(inputs: readonly Input[]): Inventory {
  const items: Item[] = [];
  for (const input of inputs) {
    const { apiVersion, kind, metadata } = parse(head, input, 'the object');
    if (!groups.has(apiVersion) || !Object.hasOwn(specs, kind)) continue;
    const namespace = metadata.namespace ?? 'default';
    const ref: ObjectRef = { apiVersion, kind, namespace, name: metadata.name ?? metadata.generateName ?? '' };
    const { spec } = parse(z.looseObject({ spec: specs[kind as Kind] }), input, nameOf(ref));
    items.push({ kind: kind as Kind, namespace, name: ref.name, labels: metadata.labels, spec, ref, ...(input.source ? { source: input.source } : {}) });
  }
  return { of: <K extends Kind>(kind: K) => items.filter((item): item is Item<K> => item.kind === kind) };
}
