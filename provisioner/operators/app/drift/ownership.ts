/**
 * Who set a field last: `metadata.managedFields`, which the API server keeps.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#managers, format: sigs.k8s.io/structured-merge-diff/fieldpath
 */
import type { KubeObject } from '../../../kube/index.ts';
import type { Step } from './path.ts';

/** "f:<field>", "k:<keys of an item as JSON>", "v:<value as JSON>", "i:<index>", and "." for the thing itself. */
export interface FieldTree {
  readonly [step: string]: FieldTree;
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  readonly time?: string;
  readonly fieldsV1?: FieldTree;
}

export function managedFields(object: KubeObject): readonly ManagedFields[] {
  return (object.metadata as { readonly managedFields?: readonly ManagedFields[] }).managedFields ?? [];
}

/** The managers of a field, the latest first. */
export function managersOf(object: KubeObject, steps: readonly Step[]): readonly string[] {
  const owners = managedFields(object).filter(({ fieldsV1 }) => fieldsV1 && holds(fieldsV1, steps));
  return owners.toSorted((a, b) => (b.time ?? '').localeCompare(a.time ?? '')).map(({ manager }) => manager);
}

/** Whether a set holds a field, or the whole of something around it (atomic lists and maps). */
export function holds(tree: FieldTree, steps: readonly Step[]): boolean {
  let at: FieldTree = tree;
  for (const [i, step] of steps.entries()) {
    const next = 'key' in step ? at[`f:${step.key}`] : itemOf(at, step);
    if (!next) return i > 0 && isLeaf(at);
    at = next;
  }
  return true;
}

/** Fields that a set holds, as paths of its own: only keys of maps, since items of lists are named differently everywhere. */
export function* leavesOf(tree: FieldTree, path: readonly Step[] = []): Generator<readonly Step[]> {
  for (const [step, inner] of Object.entries(tree)) {
    if (step === '.') continue;
    const steps: readonly Step[] = [...path, stepOf(step)];
    if (isLeaf(inner)) yield steps;
    else yield* leavesOf(inner, steps);
  }
}

function stepOf(text: string): Step {
  const rest = text.slice(2);
  if (text.startsWith('f:')) return { key: rest };
  return text.startsWith('i:') ? { item: undefined, index: Number(rest) } : { item: JSON.parse(rest) as unknown, index: -1 };
}

function itemOf(tree: FieldTree, { item, index }: { readonly item: unknown; readonly index: number }): FieldTree | undefined {
  for (const [step, inner] of Object.entries(tree)) {
    if (step === `i:${index}`) return inner;
    if (step.startsWith('v:') && step.slice(2) === JSON.stringify(item)) return inner;
    if (step.startsWith('k:') && hasKeys(item, JSON.parse(step.slice(2)) as Record<string, unknown>)) return inner;
  }
  return undefined;
}

function hasKeys(item: unknown, keys: Readonly<Record<string, unknown>>): boolean {
  return typeof item === 'object' && item !== null && Object.entries(keys).every(([key, value]) => (item as Record<string, unknown>)[key] === value);
}

function isLeaf(tree: FieldTree): boolean {
  return Object.keys(tree).every((step) => step === '.');
}
