/** Runs one rule of the table over a pod: quickly whether it holds, and where not. */
import type { Rule, Value } from './check.ts';
import { asFields, asList, every, type Fields, places, shapeError, type Step, stepsOf, valueAt } from './fields.ts';

/** A pod (or the template of one) as the rules see it. */
export interface PodParts {
  readonly pod: Fields;
  /** All containers, in the order in which the reference implementation visits them. */
  readonly containers: readonly Fields[];
  /** Path of the i-th container below the pod. */
  readonly containerPath: (i: number) => string;
}

export interface Place {
  readonly path: string;
  /** undefined where nothing is set. */
  readonly value: unknown;
}

export interface CompiledRule {
  readonly holds: (parts: PodParts) => boolean;
  /** Where it does not hold. @throws PodPolicyError PODS_SHAPE for a value of a type that no field of this name has */
  readonly failures: (parts: PodParts) => Place[];
}

export function compile(rule: Rule): CompiledRule {
  switch (rule.kind) {
    case 'allowed':
      return atPaths(rule.paths, (value) => (value === undefined ? rule.unset !== 'refused' : rule.allowed.includes(value as Value)), typeof rule.allowed[0]);
    case 'refused':
      return atPaths(rule.paths, (value) => value === undefined || (typeof value === typeof rule.refused[0] && !rule.refused.includes(value as Value)), typeof rule.refused[0]);
    case 'absent':
      return atPaths(rule.paths, (value) => value === undefined, 'object');
    case 'required':
      return required(rule);
    case 'contains':
      return perContainer(rule.path, (_, value) => value !== undefined && asList(value, rule.path).includes(rule.value));
    case 'annotations':
      return annotations(rule);
    case 'volumes':
      return volumes(rule.allowed);
  }
}

type Target = { readonly isContainer: boolean; readonly steps: readonly Step[] };

const targetOf = (path: string): Target => {
  const isContainer = path.startsWith('C[*].');
  return { isContainer, steps: stepsOf(isContainer ? path.slice('C[*].'.length) : path) };
};

function atPaths(paths: readonly string[], test: (value: unknown) => boolean, type: string): CompiledRule {
  const targets = paths.map(targetOf);
  return {
    holds: ({ pod, containers }) => targets.every(({ isContainer, steps }) => (isContainer ? containers.every((container) => every(container, steps, test)) : every(pod, steps, test))),
    failures: (parts) => {
      const failed = targets.flatMap((target) => [...placesOf(target, parts)]).filter(({ value }) => !test(value));
      const wrong = failed.find(({ value }) => value !== undefined && typeof value !== type);
      if (wrong) throw shapeError(wrong.path, `a ${type}`, wrong.value);
      return failed;
    },
  };
}

function* placesOf({ isContainer, steps }: Target, { pod, containers, containerPath }: PodParts): Generator<Place> {
  if (!isContainer) return yield* places(pod, steps, '');
  for (const [i, container] of containers.entries()) yield* places(container, steps, containerPath(i));
}

/** Every container has a value that passes, or none of its own and the pod's is inherited. */
function required(rule: Rule & { kind: 'required' }): CompiledRule {
  const inherited = rule.inherits === undefined ? undefined : stepsOf(rule.inherits);
  const isInherited = (pod: Fields): boolean => inherited !== undefined && rule.allowed.includes(valueAt(pod, inherited) as Value);
  // A value of its own that is not allowed is this rule's business only where nothing else looks at the field.
  const passes = (pod: Fields, value: unknown): boolean => (value === undefined ? isInherited(pod) : rule.inherits !== undefined || rule.allowed.includes(value as Value));
  const compiled = perContainer(rule.path, passes);
  return {
    holds: compiled.holds,
    failures: (parts) => {
      const failed = compiled.failures(parts);
      const wrong = failed.find(({ value }) => value !== undefined && typeof value !== typeof rule.allowed[0]);
      if (wrong) throw shapeError(wrong.path, `a ${typeof rule.allowed[0]}`, wrong.value);
      return failed;
    },
  };
}

function perContainer(path: string, passes: (pod: Fields, value: unknown) => boolean): CompiledRule {
  const { steps } = targetOf(path);
  const below = steps.map(({ key }) => key).join('.');
  return {
    holds: ({ pod, containers }) => containers.every((container) => passes(pod, valueAt(container, steps))),
    failures: ({ pod, containers, containerPath }) =>
      containers.map((container, i) => ({ path: `${containerPath(i)}.${below}`, value: valueAt(container, steps) })).filter(({ value }) => !passes(pod, value)),
  };
}

function annotations(rule: Rule & { kind: 'annotations' }): CompiledRule {
  const isBad = ([key, value]: [string, unknown]): boolean => {
    if (!key.startsWith(rule.prefix)) return false;
    const text = value ?? '';
    if (typeof text !== 'string') throw shapeError(`metadata.annotations["${key}"]`, 'a string', value);
    return !rule.allowed.includes(text) && !text.startsWith(rule.allowedPrefix);
  };
  const bad = ({ pod }: PodParts): [string, unknown][] => {
    const all = valueAt(pod, metadataAnnotations);
    return all === undefined ? [] : Object.entries(asFields(all, 'metadata.annotations')).filter(isBad);
  };
  return {
    holds: (parts) => bad(parts).length === 0,
    failures: (parts) => bad(parts).map(([key, value]) => ({ path: `metadata.annotations["${key}"]`, value })),
  };
}
const metadataAnnotations = stepsOf('metadata.annotations');

/** A key that is no source we know is one of a newer Kubernetes: refused, as no version of the standard allows it yet. */
function volumes(allowed: readonly string[]): CompiledRule {
  const isSet = (volume: Fields, key: string): boolean => (volume[key] ?? undefined) !== undefined;
  const badSource = (volume: Fields): string | undefined => (allowed.some((source) => isSet(volume, source)) ? undefined : Object.keys(volume).find((key) => key !== 'name' && isSet(volume, key)));
  const steps = stepsOf('spec.volumes[*]');
  const fieldsOf = (volume: unknown): Fields => asFields(volume ?? {}, 'spec.volumes[*]');
  return {
    holds: ({ pod }) => every(pod, steps, (volume) => badSource(fieldsOf(volume)) === undefined),
    failures: ({ pod }) =>
      [...places(pod, steps, '')].flatMap(({ path, value }) => {
        const source = badSource(fieldsOf(value));
        return source === undefined ? [] : [{ path: `${path}.${source}`, value: fieldsOf(value)[source] }];
      }),
  };
}
