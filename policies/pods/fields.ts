/**
 * Paths of fields over plain objects, as YAML and JSON give them. Null counts as not set, and a null element of a list as
 * an empty one: that is what the API server's decoder makes of them.
 */
import type { Path } from './check.ts';
import { PodPolicyError } from './errors.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** One key of a path; `each` where every element of the list under it is meant. */
export interface Step {
  readonly key: string;
  readonly each: boolean;
}

/** "securityContext.sysctls[*].name" → its steps. */
export function stepsOf(path: Path): Step[] {
  return path.split('.').map((part) => ({ key: part.replace(/\[\*\]$/, ''), each: part.endsWith('[*]') }));
}

/**
 * Does `test` hold at every place that the path names below `node`? Nothing is tested below a part that is not set; the
 * last key is tested as undefined where the object that could have it is there.
 * @throws PodPolicyError PODS_SHAPE where a list or an object is something else
 */
export function every(node: Fields, steps: readonly Step[], test: (value: unknown) => boolean, from = 0): boolean {
  const step = steps[from];
  if (step === undefined) return test(node);
  const value = node[step.key] ?? undefined;
  const isLast = from === steps.length - 1;
  if (!step.each) return isLast ? test(value) : value === undefined || every(asFields(value, step.key), steps, test, from + 1);
  if (value === undefined) return true;
  for (const element of asList(value, step.key)) {
    if (isLast ? !test(element ?? undefined) : !every(asFields(element ?? {}, step.key), steps, test, from + 1)) return false;
  }
  return true;
}

/** Every place that `every` tests, with its path below `prefix`. */
export function* places(node: Fields, steps: readonly Step[], prefix: string): Generator<{ readonly value: unknown; readonly path: string }> {
  const [step, ...rest] = steps;
  if (!step) return void (yield { value: node, path: prefix });
  const value = node[step.key] ?? undefined;
  const path = join(prefix, step.key);
  if (!step.each) {
    if (rest.length === 0) yield { value, path };
    else if (value !== undefined) yield* places(asFields(value, path), rest, path);
    return;
  }
  for (const [i, element] of (value === undefined ? [] : asList(value, path)).entries()) {
    if (rest.length === 0) yield { value: element ?? undefined, path: `${path}[${i}]` };
    else yield* places(asFields(element ?? {}, path), rest, `${path}[${i}]`);
  }
}

/** The value at a path without lists; undefined where it, or anything above it, is not set. */
export function valueAt(node: Fields, steps: readonly Step[]): unknown {
  let value: unknown = node;
  for (const step of steps) {
    if (value === undefined) return undefined;
    value = asFields(value, step.key)[step.key] ?? undefined;
  }
  return value;
}

export function join(prefix: string, key: string): string {
  return prefix ? `${prefix}.${key}` : key;
}

/** @throws PodPolicyError PODS_SHAPE */
export function asFields(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw shapeError(path, 'an object', value);
}

/** @throws PodPolicyError PODS_SHAPE */
export function asList(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw shapeError(path, 'a list', value);
}

export function shapeError(path: string, wanted: string, found: unknown): PodPolicyError {
  return new PodPolicyError('PODS_SHAPE', `${path} must be ${wanted}, found ${JSON.stringify(found)}: the API server refuses this object, correct it first`);
}
