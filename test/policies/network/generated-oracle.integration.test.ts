/** Cilium's own code about generated policies: `Sanitize` accepts each, and its policy engine lets every required flow through and no forbidden one. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { catalogue } from '../../../policies/network/contracts/catalogue.ts';
import { generate, generatedFlows } from '../../../policies/network/generate/bundle.ts';
import { questionsFor } from '../../../policies/network/check/questions.ts';
import { flowText } from '../../../policies/network/check/words.ts';
import { standInTenant, standInWorld } from '../../../policies/network/world/stand-ins.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { queryOf } from './oracle/flows.ts';
import { Oracle } from './oracle/oracle.ts';

describeWith({ tools: ['cilium-oracle'] }, 'generated policies and Cilium', () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = new Oracle();
  });
  afterAll(() => oracle.stop());

  const kinds = [{ kind: 'cilium', hosts: 'audit' }, { kind: 'cilium', hosts: 'enforce' }, { kind: 'kubernetes' }] as const;
  test.each(kinds.flatMap((one) => (['workload', 'management'] as const).map((cluster) => ({ ...one, cluster }))))('%j: none is refused', async ({ cluster, ...one }) => {
    const { policies } = generate(catalogue({ cluster }), { ...one, tenants: ['org-demo'] });
    const errors = await oracle.sanitize(policies);
    expect(errors).toHaveLength(policies.length);
    expect(errors.filter((error) => error !== '')).toEqual([]);
  });

  test.each(['workload', 'management'] as const)('%s: its engine opens every required flow, without our simulator', async (cluster) => {
    const contracts = catalogue({ cluster });
    const world = standInWorld(contracts, { tenants: ['org-demo'] });
    const { policies } = generate(contracts, { hosts: 'enforce', tenants: ['org-demo'] });
    const asked = generatedFlows(contracts).flatMap((flow) => questionsFor(flow, world)).flatMap(({ flow, ends }) => {
      const sides = ends === 'both' ? (['egress', 'ingress'] as const) : (['ingress'] as const);
      return sides.flatMap((side) => {
        const query = queryOf(world, flow, side);
        return query ? [{ text: `${side} ${flowText(flow)}`, query }] : [];
      });
    });
    const { verdicts = [] } = await oracle.verdicts(world, policies, asked.map(({ query }) => query));
    expect(verdicts).toHaveLength(asked.length);
    // allow-localhost is not the engine's: a node's way to its own pods is opened elsewhere in the agent.
    const isOwnNode = (text: string): boolean => /^ingress node (\S+) → .*-on-\1 /.test(text);
    expect(asked.filter(({ text }, i) => verdicts[i] !== 'allowed' && !isOwnNode(text)).map(({ text }) => text)).toEqual([]);
    console.log(`${cluster}: ${asked.length} verdicts of Cilium for required flows`);
  });

  test('its engine closes what is forbidden', async () => {
    const contracts = catalogue();
    const world = standInWorld(contracts);
    const { policies } = generate(contracts, { hosts: 'audit' });
    const from = { kind: 'pod', namespace: standInTenant.namespace, name: standInTenant.pods[0] } as const;
    const flows = [
      ...[2379, 2380, 10250, 9100, 4244].flatMap((port) => world.nodes.map(({ name }) => ({ from, to: { kind: 'node', name } as const, protocol: 'TCP' as const, port }))),
      ...world.pods.map(({ namespace, name }) => ({ from: { kind: 'pod', namespace, name } as const, to: { kind: 'address', ip: '169.254.169.254' } as const, protocol: 'TCP' as const, port: 80 })),
    ];
    const { verdicts = [] } = await oracle.verdicts(world, policies, flows.map((flow) => queryOf(world, flow, 'egress')!));
    expect([...new Set(verdicts)]).toEqual(['denied']);
    expect(verdicts.length).toBeGreaterThan(50);
  });

  test('a wrong one is refused: the judge judges', async () => {
    const [error] = await oracle.sanitize([{ apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name: 'wrong', namespace: 'org-demo' }, spec: { endpointSelector: {}, ingress: [{ fromEntities: ['moon'] }] } }]);
    expect(error).toContain('moon');
  });
});
