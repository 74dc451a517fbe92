/** Every mistake in the table is noticed by the reference implementation on fixtures and generated pods; those that are not are named here. */
import { expect, test } from '@jest/globals';
import type { Check } from '../../../policies/pods/check.ts';
import type { Fields } from '../../../policies/pods/fields.ts';
import { evaluatorOf } from '../../../policies/pods/evaluate.ts';
import type { Table } from '../../../policies/pods/table.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { generatePods } from './generate.ts';
import { type Mutant, mutants } from './mutants.ts';
import { askOracle, fixtureFolder, fixturesIn, type OracleAnswer, type Question } from './oracle.ts';

/** Mutants that no pod tells from the right table, and why. */
const refusedBefore = 'a value of the pod that is not allowed is refused by the rule before this one, whoever inherits it';
const equivalent: Readonly<Record<string, string>> = {
  'runAsNonRoot: v1.0: rule 1 (required): wider': refusedBefore,
  'runAsNonRoot: v1.35: rule 1 (required): wider': refusedBefore,
  'seccompProfile_restricted: v1.25: rule 1 (required): wider': refusedBefore,
};

interface Judged {
  readonly question: Question;
  readonly answer: OracleAnswer;
}

/** Does the mutant give any pod another verdict than the oracle, or speak twice about one thing? */
function isCaught({ check, table }: Mutant, corpus: readonly Judged[]): boolean {
  // What other checks say is not its business, but for the one that it replaces.
  const related = table.filter(({ id, replaces }) => id === check.id || id === check.replaces || replaces === check.id);
  const judges = new Map<string, (judged: Judged) => boolean>();
  return corpus.some((judged) => {
    const { version } = judged.question;
    const differs = judges.get(version) ?? differsFrom(check, version, related);
    judges.set(version, differs);
    return differs(judged);
  });
}

function differsFrom({ id, replaces, revisions }: Check, version: string, table: Table): (judged: Judged) => boolean {
  const [baseline, restricted] = (['baseline', 'restricted'] as const).map((level) => evaluatorOf({ level, version, table }));
  const isInForce = Number(version.slice('v1.'.length)) >= (revisions[0]?.since ?? 0);
  return ({ question, answer }) => {
    const pod = question as unknown as Fields;
    const [low, high] = [baseline?.(pod) ?? [], restricted?.(pod) ?? []];
    const isDenied = [...low, ...high].some((violation) => violation.check === id);
    return isDenied !== answer.denied.includes(id) || (isInForce && replaces !== undefined && high.some((violation) => violation.check === replaces));
  };
}

describeWith({ tools: ['pss-oracle'] }, 'mistakes in the table', () => {
  test('are all noticed', async () => {
    const fixtures = fixturesIn(await fixtureFolder()).map(({ version, pod }) => ({ version, metadata: pod.metadata, spec: pod.spec }));
    const questions = [...fixtures, ...generatePods(10_000, 20_261_126)];
    const answers = await askOracle(questions);
    const corpus = questions.map((question, i) => ({ question, answer: answers[i]! }));
    const all = [...mutants()];
    const survivors = all.filter((mutant) => !isCaught(mutant, corpus)).map(({ name }) => name);
    process.stdout.write(`mutants of the table: ${all.length}, survivors: ${survivors.length}\n${survivors.map((name) => `  ${name}\n`).join('')}`);
    expect(survivors.sort()).toEqual(Object.keys(equivalent).sort());
    expect(all.length).toBeGreaterThan(250);
  }, 300_000);
});
