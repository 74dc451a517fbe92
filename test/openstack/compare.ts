/** Finds where two observations of one case differ. */
import type { Json, Observation, Sequence, Step } from './observation.ts';

export interface Difference {
  readonly case: string;
  readonly step: string;
  /** `status`, `header vary`, `body network.mtu`, `sequence`, `steps`. Indexes of lists are left out: `body ports[].status`. */
  readonly path: string;
  readonly simulation: string;
  readonly real: string;
  /** Both sides say a number, only another one. */
  readonly isOfNumbers: boolean;
}

/** `values`: everything must be the same. `shape`: types and keys must be the same, refusals word for word. */
export type Level = 'values' | 'shape';

export function compare(simulation: Observation, real: Observation, level: Level): Difference[] {
  const differences: Difference[] = [];
  const add = (step: string, path: string, left: unknown, right: unknown): void => {
    differences.push({ case: real.case, step, path, simulation: show(left), real: show(right), isOfNumbers: typeof left === 'number' && typeof right === 'number' });
  };
  const realSteps = new Map(real.steps.map((step) => [step.step, step]));
  for (const step of simulation.steps) if (!realSteps.has(step.step)) add(step.step, 'steps', 'made', 'not made');
  const simulated = new Map(simulation.steps.map((step) => [step.step, step]));
  for (const step of real.steps) {
    const other = simulated.get(step.step);
    if (!other) add(step.step, 'steps', 'not made', 'made');
    else if (isSequence(step) || isSequence(other)) compareSequences(other, step, add);
    else compareSteps(other, step, level, add);
  }
  return differences;
}

type Add = (step: string, path: string, simulation: unknown, real: unknown) => void;

function isSequence(step: Step | Sequence): step is Sequence {
  return 'sequence' in step;
}

function compareSequences(simulation: Step | Sequence, real: Step | Sequence, add: Add): void {
  const [left, right] = [simulation, real].map((step) => (isSequence(step) ? step.sequence.join(' → ') : 'one call'));
  if (left !== right) add(real.step, 'sequence', left, right);
}

function compareSteps(simulation: Step, real: Step, level: Level, add: Add): void {
  if (simulation.status !== real.status) add(real.step, 'status', simulation.status, real.status);
  for (const name of new Set([...Object.keys(simulation.headers), ...Object.keys(real.headers)])) {
    const [left, right] = [simulation.headers[name], real.headers[name]];
    const isSame = level === 'values' ? left === right : (left === undefined) === (right === undefined);
    if (!isSame) add(real.step, `header ${name}`, left, right);
  }
  const isRefusal = real.status >= 400;
  compareBodies(simulation.body, real.body, '', level === 'shape' && !isRefusal, (path, left, right) => add(real.step, `body ${path}`, left, right));
}

function compareBodies(left: Json, right: Json, path: string, isShape: boolean, add: (path: string, left: Json | undefined, right: Json | undefined) => void): void {
  if (Array.isArray(left) && Array.isArray(right)) {
    if (isShape) {
      compareBodies(merge(left), merge(right), `${path}[]`, isShape, add);
      return;
    }
    compareLists(left as readonly Json[], right as readonly Json[], (l, r) => {
      if (l === undefined || r === undefined) add(`${path}[]`, l, r);
      else compareBodies(l, r, `${path}[]`, isShape, add);
    });
    return;
  }
  if (isObject(left) && isObject(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const [l, r] = [left[key], right[key]];
      const inner = path === '' ? key : `${path}.${key}`;
      if (l === undefined || r === undefined) add(inner, l, r);
      else compareBodies(l, r, inner, isShape, add);
    }
    return;
  }
  const isSame = isShape ? kind(left) === kind(right) : JSON.stringify(left) === JSON.stringify(right);
  if (!isSame) add(path, left, right);
}

/** Elements that are the same on both sides are paired first, so that one more on one side is one difference; the rest are paired in order. */
function compareLists(left: readonly Json[], right: readonly Json[], pair: (left: Json | undefined, right: Json | undefined) => void): void {
  const others = right.map((item) => JSON.stringify(item));
  const alone: Json[] = [];
  for (const item of left) {
    const at = others.indexOf(JSON.stringify(item));
    if (at >= 0) others.splice(at, 1);
    else alone.push(item);
  }
  const rest = others.map((text) => JSON.parse(text) as Json);
  for (let i = 0; i < Math.max(alone.length, rest.length); i++) pair(alone[i], rest[i]);
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the elements of a list have in common: an object with all their keys, or the first. */
function merge(list: readonly Json[]): Json {
  const objects = list.filter(isObject);
  return objects.length > 0 ? Object.assign({}, ...objects) as Json : (list[0] ?? null);
}

function kind(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

function show(value: unknown): string {
  if (value === undefined) return 'absent';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
