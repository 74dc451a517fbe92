/**
 * Rules that were changed a little: a case must break. What survives is printed, and bounded. All of them (ten minutes and more); `MUTANTS_SAMPLE=60`
 * tries so many, chosen by `MUTANTS_SEED`, and `MUTANTS_OF=Etcd` those of some alerts.
 */
import { describeWith } from '../fixtures/needs.ts';
import { seeded } from '../fixtures/seeded.ts';
import { mutants, survivorsOf } from './mutants.ts';

const seed = Number(process.env['MUTANTS_SEED'] ?? Date.now() % 1_000_000);
const sample = Number(process.env['MUTANTS_SAMPLE'] ?? Infinity);

describeWith({ tools: ['promtool'] }, `alerts, changed a little (seed ${seed})`, () => {
  test('break a case', async () => {
    const random = seeded(seed);
    const wanted = mutants.filter(({ of }) => new RegExp(process.env['MUTANTS_OF'] ?? '.').test(of.alert));
    const tried = wanted.map((mutant) => ({ mutant, at: random() })).sort((a, b) => a.at - b.at).slice(0, sample).map(({ mutant }) => mutant);
    const survivors = await survivorsOf(tried);
    console.log(`seed ${seed}: ${tried.length} of ${mutants.length} mutants, ${survivors.length} survive:\n${survivors.join('\n')}`);
    expect(survivors.length).toBeLessThanOrEqual(Math.max(2, tried.length * 0.25));
  }, 3_600_000);
});
