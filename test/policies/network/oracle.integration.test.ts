/** The simulator against Cilium's own policy engine on generated worlds; ten times as many in oracle.deep.test.ts. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { cache, cnp, db, smallWorld, tcp, web } from './small-world.ts';
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
    // A tenth of the worlds of the deep run, which asks for 200; chance takes its share.
    expect(rarelyMet(agreement, 10)).toEqual([]);
  }, 300_000);

  test('explained: an empty selector of CIDR groups with a port name depends on what the agent read first, and is reported', async () => {
    const world = { ...smallWorld, pods: smallWorld.pods.map((pod) => ({ ...pod, node: 'n2' })) };
    const policies = [
      cnp({ endpointSelector: { matchLabels: { app: 'web' } }, egress: [{ toCIDRSet: [{ cidrGroupSelector: {} }], toPorts: [{ ports: [{ port: 'sql', protocol: 'TCP' }] }] }] }, 'shop', 'groups'),
      cnp({ endpointSelector: { matchLabels: { app: 'db' } }, egress: [{ toEntities: ['all'] }] }, 'shop', 'all'),
    ];
    const [ofWeb, ofDb] = [queryOf(world, tcp(web, db, 5432), 'egress'), queryOf(world, tcp(db, cache), 'egress')];
    if (!ofWeb || !ofDb) throw new Error('all three pods are in the world');
    expect((await oracle.verdicts(world, policies, [ofWeb, ofDb])).verdicts).toEqual(['denied', 'allowed']);
    expect((await oracle.verdicts(world, policies, [ofDb, ofWeb])).verdicts).toEqual(['allowed', 'allowed']);
    expect(createSimulator(world, policies).problems).toMatchObject([{ kind: 'undecided', path: 'spec.egress[0]' }]);
  });

  test.each(pinned.map((c) => [c.why, c] as const))('pinned: %s', async (_, { world, policies, flow, direction, allowed }) => {
    const query = queryOf(world, flow, direction);
    expect(query).toBeDefined();
    const { verdicts } = await oracle.verdicts(world, policies, query ? [query] : []);
    expect(verdicts).toEqual([allowed ? 'allowed' : 'denied']);
    expect(createSimulator(world, policies).decide(flow)[direction].allowed).toBe(allowed);
  });
});
