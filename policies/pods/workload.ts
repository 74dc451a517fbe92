/** Finds the pods in objects: which kinds carry a pod template, and where. */
import type { Level, Violation } from './check.ts';
import { evaluatorOf, levelReached, type PodTemplate, type Standard } from './evaluate.ts';
import { asFields, asList, type Fields, stepsOf, valueAt } from './fields.ts';

/** Path of the template by kind; the empty path is the object itself. */
export const templatePaths: Readonly<Record<string, string>> = {
  Pod: '',
  PodTemplate: 'template',
  Deployment: 'spec.template',
  ReplicaSet: 'spec.template',
  StatefulSet: 'spec.template',
  DaemonSet: 'spec.template',
  ReplicationController: 'spec.template',
  Job: 'spec.template',
  CronJob: 'spec.jobTemplate.spec.template',
};
/** Groups of these kinds: a Deployment of another group is another thing. */
const groups = new Set(['', 'apps', 'batch', 'extensions']);

/** Further kinds: "Rollout.argoproj.io" → "spec.template"; a kind of the core group is its bare name. */
export type CustomPaths = Readonly<Record<string, string>>;

/** What names an object in a report. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

export interface Verdict {
  readonly object: ObjectRef;
  /** The highest level whose checks the object passes; restricted for one that brings no pods. */
  readonly level: Level;
  /** Passes the level that was asked for. */
  readonly allowed: boolean;
  readonly violations: readonly Violation[];
}

/** Where the template is; undefined for an object that brings no pods. */
export function templatePathOf(object: Fields, custom: CustomPaths = {}): string | undefined {
  const { group, kind } = kindOf(object);
  const own = custom[group ? `${kind}.${group}` : kind];
  if (own !== undefined) return own;
  return groups.has(group) && Object.hasOwn(templatePaths, kind) ? templatePaths[kind] : undefined;
}

/** The template itself. A controller without one has no pods to judge: undefined, as for kinds that never have. */
export function templateOf(object: Fields, custom: CustomPaths = {}): { readonly template: PodTemplate; readonly prefix: string } | undefined {
  const prefix = templatePathOf(object, custom);
  if (prefix === undefined) return undefined;
  if (prefix === '') return { template: object, prefix };
  const template = valueAt(object, stepsOf(prefix));
  return template === undefined ? undefined : { template: asFields(template, prefix), prefix };
}

/** Judges whole objects. @throws PodPolicyError PODS_VERSION at once, PODS_SHAPE for an object that the API server would refuse */
export function workloadJudge(standard: Standard & { readonly custom?: CustomPaths }): (object: Fields) => Verdict {
  const judge = evaluatorOf(standard);
  const reach = levelReached(standard.version, standard.table);
  return (object) => {
    const found = templateOf(object, standard.custom);
    if (!found) return { object: refOf(object), level: 'restricted', allowed: true, violations: [] };
    const violations = judge(found.template, found.prefix);
    return { object: refOf(object), level: reach(found.template), allowed: violations.length === 0, violations };
  };
}

/** A List (of any kind) as its items, lists in lists too; any other object as itself. */
export function flatten(object: Fields): Fields[] {
  const { kind } = kindOf(object);
  if (!kind.endsWith('List') || object['items'] === undefined) return [object];
  return asList(object['items'] ?? [], 'items').flatMap((item) => flatten(withKind(asFields(item, 'items[*]'), object)));
}

export function refOf(object: Fields): ObjectRef {
  const metadata = object['metadata'] === undefined || object['metadata'] === null ? {} : asFields(object['metadata'], 'metadata');
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  const namespace = text(metadata['namespace']);
  return { apiVersion: text(object['apiVersion']), kind: text(object['kind']), ...(namespace ? { namespace } : {}), name: text(metadata['name']) || text(metadata['generateName']) };
}

/** Items of a typed list (PodList) come without kind and version of their own. */
function withKind(item: Fields, list: Fields): Fields {
  const { kind } = kindOf(list);
  return kind === 'List' || item['kind'] !== undefined ? item : { apiVersion: list['apiVersion'], kind: kind.slice(0, -'List'.length), ...item };
}

function kindOf(object: Fields): { readonly group: string; readonly kind: string } {
  const { apiVersion, kind } = object;
  const group = typeof apiVersion === 'string' && apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return { group, kind: typeof kind === 'string' ? kind : '' };
}
