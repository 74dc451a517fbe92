/** The long run of oracle.integration.test.ts: other worlds, ten times as many, every semantic two hundred times with either verdict. */
import { expect, test } from '@jest/globals';
import { describeWith } from '../../fixtures/needs.ts';
import { compare, describeAgreement, rarelyMet } from './oracle/agreement.ts';
import { Oracle } from './oracle/oracle.ts';

/** KEELSON_SEED gives other worlds. */
const seed = Number(process.env['KEELSON_SEED'] ?? 42_000_000);
const worlds = 20_000;

describeWith({ tools: ['cilium-oracle'] }, 'the simulator and Cilium, at length', () => {
  test(`agree on ${worlds} generated worlds`, async () => {
    const oracle = new Oracle();
    const agreement = await compare(oracle, seed, worlds).finally(() => oracle.stop());
    console.log(describeAgreement(agreement, seed));
    expect(agreement.disagreements.slice(0, 3)).toEqual([]);
    expect(rarelyMet(agreement, 200)).toEqual([]);
  }, 3_600_000);
});
