/** What of one object is not as its release has it, and who did that: from the live object and what a dry run of applying it gives. Pure. */
import type { KubeObject } from '../../../kube/index.ts';
import { differences } from './differences.ts';
import { isController, isPerson } from './managers.ts';
import { holds, leavesOf, managedFields, managersOf } from './ownership.ts';
import { pathText, type Step } from './path.ts';

export interface DriftField {
  /** "Deployment kube-system/metrics-server" */
  readonly object: string;
  readonly field: string;
  readonly change: 'changed' | 'added' | 'deleted';
  readonly by: string;
}

export interface Meant {
  readonly managers: readonly string[];
  /** "spec.replicas", "Deployment:spec.replicas" */
  readonly fields: readonly string[];
}

export interface ObjectDrift {
  readonly fields: readonly Omit<DriftField, 'object'>[];
  /** Differences that are meant to be: an apply that takes the others back leaves these out. */
  readonly meant: readonly (readonly Step[])[];
}

/** @param helm the field manager that Helm applies as */
export function compare(live: KubeObject, wanted: KubeObject, o: { readonly meant: Meant; readonly helm: string }): ObjectDrift {
  const fields: Omit<DriftField, 'object'>[] = [];
  const meant: (readonly Step[])[] = [];
  for (const steps of differences(live, wanted)) {
    const managers = managersOf(live, steps);
    const field = pathText(steps);
    if (isMeantField(live.kind, field, o.meant.fields) || managers.some((manager) => isController(manager) || o.meant.managers.includes(manager))) meant.push(steps);
    else fields.push({ field, change: 'changed', by: managers.find((manager) => manager !== o.helm) ?? '' });
  }
  const known = new Set(fields.map(({ field }) => field));
  return { fields: [...fields, ...added(live, o).filter(({ field }) => !known.has(field))], meant };
}

/** What people put beside what the chart sets. kubectl's own annotations (a restart, the last applied text) change nothing of ours. */
function added(live: KubeObject, o: { readonly meant: Meant; readonly helm: string }): readonly Omit<DriftField, 'object'>[] {
  const all = managedFields(live);
  const ours = all.filter(({ manager, operation }) => manager === o.helm && operation === 'Apply').flatMap(({ fieldsV1 }) => fieldsV1 ?? []);
  return all
    .filter(({ manager, subresource }) => subresource !== 'status' && isPerson(manager) && !o.meant.managers.includes(manager))
    .flatMap(({ manager, fieldsV1 = {} }) => [...leavesOf(fieldsV1)].filter((steps) => !ours.some((tree) => holds(tree, steps))).map((steps) => ({ field: pathText(steps), change: 'added' as const, by: manager })))
    .filter(({ field }) => !field.includes('kubectl.kubernetes.io/') && !field.startsWith('status') && !isMeantField(live.kind, field, o.meant.fields));
}

function isMeantField(kind: string, field: string, meant: readonly string[]): boolean {
  return meant.some((text) => {
    const [of, path] = text.includes(':') ? [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)] : [kind, text];
    return of === kind && (field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`));
  });
}
