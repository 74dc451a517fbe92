/** Faults in a running field: injected, watched until everybody says what there is to say and nothing else, healed, watched until nobody says anything. */
import type { Case } from './cases.ts';
import type { Field } from './field.ts';
import type { Sight } from './observer.ts';

export interface Detection {
  /** Seconds from the fault until the last pod that had to say it did; undefined: never. */
  readonly saidSeconds: number | undefined;
  /** … until the recording rules blamed all that is at fault. */
  readonly blamedSeconds: number | undefined;
  /** Seconds from the end of the fault until nothing was said and nobody blamed; undefined: not in time. */
  readonly clearedSeconds: number | undefined;
  readonly isCleared: boolean;
  /** What had to be said and was not, and what was said and should not, when the watch ended. */
  readonly missing: readonly string[];
  readonly wrong: readonly string[];
  /** Blame of a healthy node, zone pair or server at any time, were it for a second. */
  readonly everBlamed: readonly string[];
  /** What was said or blamed for a while besides: between the first round with the fault and the next one, views are partial. */
  readonly inPassing: readonly string[];
}

export interface Watch {
  look(): Promise<Sight>;
  readonly pollMs: number;
  /** Longest wait for the right words, and for their end where `forgottenMs` says nothing else. */
  readonly patienceMs: number;
  readonly forgottenMs?: number;
  /** For so long nothing but the right words must be said; a wrong one may come late. */
  readonly calmMs: number;
  /** Called when the fault ends. */
  readonly onHeal?: () => void;
}

export async function detect(field: Field, all: readonly Case[], watch: Watch): Promise<Detection> {
  const expected = expectationOf(field, all);
  const began = performance.now();
  const injected = [];
  for (const { fault } of all) injected.push(await field.inject(fault));
  const seen = await untilExact(expected, { ...watch, began });
  watch.onHeal?.();
  for (const one of injected) await one.heal();
  const healed = performance.now();
  const clearedSeconds = await quiet({ ...watch, patienceMs: watch.forgottenMs ?? watch.patienceMs }).then(() => (performance.now() - healed) / 1000, () => undefined);
  return { ...seen, clearedSeconds, isCleared: clearedSeconds !== undefined };
}

/** Resolves when nobody says anything and nobody is blamed. */
export async function quiet({ look, pollMs, patienceMs }: Pick<Watch, 'look' | 'pollMs' | 'patienceMs'>): Promise<void> {
  for (const until = performance.now() + patienceMs; ; await pause(pollMs)) {
    const { says, blame } = await look();
    if (says.length + blame.length === 0) return;
    if (performance.now() > until) throw new Error(`still said: ${[...says, ...blame].join(', ')}`);
  }
}

interface Expectation {
  readonly says: readonly string[];
  readonly blame: readonly string[];
  may(words: string): boolean;
}

/** Of several faults at once; who has lost the network is asked for its own fault only. */
function expectationOf(field: Field, all: readonly Case[]): Expectation {
  const isOut = (statement: string, by: Case): boolean => all.some((one) => one !== by && one.lost !== undefined && statement.startsWith(`${one.lost}: `));
  return {
    says: all.flatMap((one) => one.says(field.topology).filter((statement) => !isOut(statement, one))),
    blame: all.flatMap(({ blame }) => blame),
    may: (words) => all.some((one) => one.may?.(words) ?? false),
  };
}

type Seen = Omit<Detection, 'clearedSeconds' | 'isCleared'>;

async function untilExact(expected: Expectation, { look, pollMs, patienceMs, calmMs, began }: Watch & { began: number }): Promise<Seen> {
  const inPassing = new Set<string>();
  const seconds: { said?: number; blamed?: number } = {};
  let exactSince: number | undefined;
  for (;;) {
    const { says, blame } = await look();
    const now = performance.now();
    const missing = [...without(expected.says, says), ...without(expected.blame, blame)];
    const wrong = [...without(says, expected.says), ...without(blame, expected.blame)].filter((words) => !expected.may(words));
    for (const words of wrong) inPassing.add(words);
    if (without(expected.says, says).length === 0) seconds.said ??= (now - began) / 1000;
    if (without(expected.blame, blame).length === 0) seconds.blamed ??= (now - began) / 1000;
    exactSince = missing.length + wrong.length === 0 ? (exactSince ?? now) : undefined;
    if (now - began > patienceMs || (exactSince !== undefined && now - exactSince >= calmMs)) {
      for (const words of wrong) inPassing.delete(words);
      return { saidSeconds: seconds.said, blamedSeconds: seconds.blamed, missing, wrong, everBlamed: [...inPassing].filter((words) => isVerdictOfRules(words) && !expected.blame.some((one) => partyOf(one) === partyOf(words))), inPassing: [...inPassing] };
    }
    await pause(pollMs);
  }
}

/**
 * Blame that is decided by all who look. That of a single connection, and a node's own trouble with names and Services, is
 * what is left when nothing larger explains it, so it may come a moment before the larger one.
 */
const isVerdictOfRules = (words: string): boolean => /^(node .* (unreachable|loss|slow|large_packets|clock)|(zones?|dns) .*)$/.test(words);

/** Who is blamed, without what for: a zone pair that loses some packets before it loses all is the one at fault all the same. */
const partyOf = (words: string): string => words.slice(0, words.lastIndexOf(' '));

const without = (all: readonly string[], some: readonly string[]): readonly string[] => all.filter((one) => !some.includes(one));
const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
