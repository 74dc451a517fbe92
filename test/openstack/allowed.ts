/** Where the simulation may differ from a real cloud, and why. An entry that nothing needs any more is a failure: it hides something. */
import type { Difference } from './compare.ts';

export interface Allowed {
  /** Name of a case; `*` stands for any text. */
  readonly case: string;
  readonly step: string;
  /** As in Difference; `*` stands for any text. */
  readonly path: string;
  /** What each side says, where that narrows it down. `*` stands for any text. */
  readonly simulation?: string;
  readonly real?: string;
  readonly because: string;
}

export const allowed: readonly Allowed[] = [];

/** Sorts differences into those that are allowed and those that are not, and says which entries were of use. */
export function sift(differences: readonly Difference[], entries: readonly Allowed[]): { refused: Difference[]; used: Set<Allowed>; excused: number } {
  const used = new Set<Allowed>();
  const refused: Difference[] = [];
  for (const difference of differences) {
    const found = entries.filter((entry) => covers(entry, difference));
    for (const entry of found) used.add(entry);
    if (found.length === 0) refused.push(difference);
  }
  return { refused, used, excused: differences.length - refused.length };
}

function covers(entry: Allowed, difference: Difference): boolean {
  return like(entry.case, difference.case) && like(entry.step, difference.step) && like(entry.path, difference.path)
    && like(entry.simulation ?? '*', difference.simulation) && like(entry.real ?? '*', difference.real);
}

/** `*` stands for any text, everything else for itself. */
export function like(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(text);
}
