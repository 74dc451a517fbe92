/** The simulator against Cilium's own policy engine on generated worlds; ten times as many in oracle.deep.test.ts. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { compare, describeAgreement, rarelyMet } from './oracle/agreement.ts';
import { queryOf } from './oracle/flows.ts';
import { Oracle } from './oracle/oracle.ts';
import { pinned } from './oracle/pinned.ts';

const seed = 20_26;
const worlds = 2000;

describeWith({ tools: ['cilium-oracle'] }, 'the simulator and Cilium', () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = new Oracle();
  });
  afterAll(() => oracle.stop());

  test('speaks for the pinned version', async () => {
    expect((await oracle.ask({ verb: 'version' })).version).toBe('v1.20.2');
  });

  test(`agree on ${worlds} generated worlds`, async () => {
    const agreement = await compare(oracle, seed, worlds);
    console.log(describeAgreement(agreement, seed));
    expect(agreement.disagreements.slice(0, 3)).toEqual([]);
    expect(rarelyMet(agreement, 20)).toEqual([]);
  }, 300_000);

  test.each(pinned.map((c) => [c.why, c] as const))('pinned: %s', async (_, { world, policies, flow, direction, allowed }) => {
    const query = queryOf(world, flow, direction);
    expect(query).toBeDefined();
    const { verdicts } = await oracle.verdicts(world, policies, query ? [query] : []);
    expect(verdicts).toEqual([allowed ? 'allowed' : 'denied']);
    expect(createSimulator(world, policies).decide(flow)[direction].allowed).toBe(allowed);
  });
});
