/**
 * Rules that were changed a little: a case must break. None survives but those that say the same as the rule (`equivalent` in mutants.ts). All of
 * them are two minutes; `MUTANTS_SAMPLE=60` tries so many, chosen by `MUTANTS_SEED`, and `MUTANTS_OF=Etcd` those of some alerts.
 */
import { describeWith } from '../fixtures/needs.ts';
import { seeded } from '../fixtures/seeded.ts';
import { equivalent, mutants, survivorsOf } from './mutants.ts';

const seed = Number(process.env['MUTANTS_SEED'] ?? Date.now() % 1_000_000);
const sample = Number(process.env['MUTANTS_SAMPLE'] ?? Infinity);

describeWith({ tools: ['promtool'] }, `alerts, changed a little (seed ${seed})`, () => {
  test('break a case', async () => {
    const random = seeded(seed);
    const wanted = mutants.filter(({ of }) => new RegExp(process.env['MUTANTS_OF'] ?? '.').test(of.alert));
    const tried = wanted.map((mutant) => ({ mutant, at: random() })).sort((a, b) => a.at - b.at).slice(0, sample).map(({ mutant }) => mutant);
    const survivors = await survivorsOf(tried);
    console.log(`seed ${seed}: ${tried.length} of ${mutants.length} mutants, ${survivors.length} survive:\n${survivors.join('\n')}`);
    expect(survivors.filter((survivor) => !(survivor in equivalent))).toEqual([]);
    // A reason that does not hold any more goes.
    if (tried.length === mutants.length) expect(Object.keys(equivalent).filter((one) => !survivors.includes(one))).toEqual([]);
  }, 3_600_000);
});
