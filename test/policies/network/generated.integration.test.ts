/** Cilium's own engine accepts the generated policies, and decides every flow between their components as the simulator does. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { catalogue } from '../../../policies/network/contracts/catalogue.ts';
import { generate } from '../../../policies/network/generate/bundle.ts';
import type { Endpoint, Flow, World } from '../../../policies/network/model.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { standInWorld } from '../../../policies/network/world/stand-ins.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { queryOf } from './oracle/flows.ts';
import { Oracle } from './oracle/oracle.ts';

const tenants = ['org-demo'];
const options = [{ kind: 'cilium', hosts: 'audit' }, { kind: 'cilium', hosts: 'enforce' }, { kind: 'kubernetes', nodeCidrs: ['10.20.0.0/24'] }] as const;
const bundles = options.flatMap((one) => (['workload', 'management'] as const).map((cluster) => ({ ...one, cluster })));

describeWith({ tools: ['cilium-oracle'] }, 'generated policies at Cilium', () => {
  let oracle: Oracle;
  beforeAll(() => {
    oracle = new Oracle();
  });
  afterAll(() => oracle.stop());

  test.each(bundles)('%j: every policy is accepted', async ({ cluster, ...one }) => {
    const { policies } = generate(catalogue({ cluster }), { ...one, tenants });
    expect(await oracle.sanitize(policies)).toEqual(policies.map(() => ''));
  });

  test.each(bundles)('%j: every flow is decided alike', async ({ cluster, ...one }) => {
    const contracts = catalogue({ cluster });
    const world = { ...standInWorld(contracts, { tenants }), settings: { hostFirewall: true } };
    const { policies } = generate(contracts, { ...one, tenants });
    const simulator = createSimulator(world, policies);
    const asked = flowsIn(world).flatMap((flow) =>
      (['egress', 'ingress'] as const).flatMap((direction) => {
        const query = queryOf(world, flow, direction);
        return query ? [{ flow, direction, query }] : [];
      }),
    );
    const { verdicts = [], failure } = await oracle.verdicts(world, policies, asked.map(({ query }) => query));
    expect(failure).toBeUndefined();
    const different = asked.filter(({ flow, direction }, i) => (simulator.decide(flow)[direction].allowed ? 'allowed' : 'denied') !== verdicts[i]);
    expect(different.slice(0, 3)).toEqual([]);
    const allowed = verdicts.filter((verdict) => verdict === 'allowed').length;
    console.log(`${cluster} ${one.kind}: ${verdicts.length} verdicts, ${allowed} allowed`);
    expect(allowed).toBeGreaterThan(500);
    expect(verdicts.length - allowed).toBeGreaterThan(500);
  }, 60_000);
});

/** Everybody to everybody, on one port of each pod, one that nobody serves, the API server's, and DNS. */
function flowsIn(world: World): Flow[] {
  const pods = world.pods.map(({ namespace, name }): Endpoint => ({ kind: 'pod', namespace, name }));
  const others: Endpoint[] = [...world.nodes.map(({ name }): Endpoint => ({ kind: 'node', name })), ...['203.0.113.77', '169.254.169.254', '10.20.0.9'].map((ip): Endpoint => ({ kind: 'address', ip })), { kind: 'health' }];
  const ends = [...pods, ...others];
  return ends.flatMap((from, i) => ends.flatMap((to, j) => [...portsOf(world, to, i + j), { protocol: 'UDP' as const, port: 53 }].map((port): Flow => ({ from, to, ...port }))));
}

function portsOf(world: World, to: Endpoint, turn: number): Pick<Flow, 'protocol' | 'port'>[] {
  const pod = to.kind === 'pod' ? world.pods.find(({ namespace, name }) => namespace === to.namespace && name === to.name) : undefined;
  const own = pod?.ports[turn % Math.max(1, pod.ports.length)];
  return [...(own ? [{ protocol: own.protocol, port: own.port }] : [{ protocol: 'TCP' as const, port: 6443 }]), { protocol: 'TCP', port: 4444 }];
}
