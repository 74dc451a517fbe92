/** Our evaluator beside the reference implementation, check by check, on generated pods. */
import type { Fields } from '../../../policies/pods/fields.ts';
import { evaluatorOf } from '../../../policies/pods/evaluate.ts';
import { table } from '../../../policies/pods/table.ts';
import { generatePods } from './generate.ts';
import { askOracle, type OracleAnswer, type Question } from './oracle.ts';

export interface Agreement {
  readonly seed: number;
  /** Pods for which any check, or the verdict of a level, differs; the first few whole. */
  readonly differences: readonly { readonly question: Question; readonly oracle: OracleAnswer; readonly ours: OurAnswer }[];
  /** How often each check allowed and denied, by the oracle, where it was in force. */
  readonly distribution: ReadonlyMap<string, { allowed: number; denied: number }>;
}

export interface OurAnswer {
  readonly denied: readonly string[];
  readonly baseline: boolean;
  readonly restricted: boolean;
}

/** Judges by both levels: together they run every check, also those that a stricter one replaces. */
export function ourAnswers(): (question: Question) => OurAnswer {
  const judges = new Map<string, readonly ReturnType<typeof evaluatorOf>[]>();
  return ({ version, metadata, spec }) => {
    const pair = judges.get(version) ?? (['baseline', 'restricted'] as const).map((level) => evaluatorOf({ level, version }));
    judges.set(version, pair);
    const [baseline = [], restricted = []] = pair.map((judge) => judge({ metadata, spec } as Fields));
    return { denied: [...new Set([...baseline, ...restricted].map((violation) => violation.check))].sort(), baseline: baseline.length === 0, restricted: restricted.length === 0 };
  };
}

export async function compareOnGeneratedPods(count: number, seed: number): Promise<Agreement> {
  const questions = [...generatePods(count, seed)];
  const answers = await askOracle(questions);
  if (answers.length !== count) throw new Error(`the oracle gave ${answers.length} answers to ${count} pods`);
  const judge = ourAnswers();
  const distribution = new Map(table.map((check) => [check.id as string, { allowed: 0, denied: 0 }]));
  const differences: Agreement['differences'][number][] = [];
  for (const [i, question] of questions.entries()) {
    const oracle = answers[i]!;
    const ours = judge(question);
    const isSame = oracle.error === undefined && oracle.baseline === ours.baseline && oracle.restricted === ours.restricted && oracle.denied.join() === ours.denied.join();
    if (!isSame) differences.push({ question, oracle, ours });
    for (const check of table) {
      if (Number(question.version.slice(3)) < check.revisions[0]!.since) continue;
      const counts = distribution.get(check.id)!;
      if (oracle.denied.includes(check.id)) counts.denied++;
      else counts.allowed++;
    }
  }
  return { seed, differences, distribution };
}

export function distributionText({ seed, distribution }: Agreement): string {
  const rows = [...distribution].map(([id, { allowed, denied }]) => `  ${id.padEnd(28)}${String(allowed).padStart(8)} allowed${String(denied).padStart(8)} denied`);
  return `generated pods, seed ${seed}:\n${rows.join('\n')}\n`;
}
