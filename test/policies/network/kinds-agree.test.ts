/** The same contracts as Cilium's kinds and as NetworkPolicies: equal wherever both can say it, flow by flow. */
import type { Contract } from '../../../policies/network/contract.ts';
import { catalogue, catalogueOf } from '../../../policies/network/contracts/catalogue.ts';
import { componentNamed } from '../../../policies/network/flows.ts';
import { diff } from '../../../policies/network/diff.ts';
import { generate } from '../../../policies/network/generate/bundle.ts';
import { standInWorld } from '../../../policies/network/world/stand-ins.ts';
import { toCilium } from './translate.ts';

const tenants = ['org-demo'];

/** Without what NetworkPolicy has no words for: nodes, the API server, names. */
function sayable(cluster: 'workload' | 'management') {
  const whole = catalogue({ cluster });
  const outside = Object.fromEntries(Object.entries(whole.site.outside).map(([name, { ports, cidrs }]) => [name, { ports, cidrs }])) as typeof whole.site.outside;
  const onPods = (name: string): boolean => componentNamed(whole, name, 'test').pods.hostNetwork !== true;
  const contracts = whole.contracts.filter(({ pods }) => !pods.hostNetwork).map((contract): Contract => ({
    ...contract,
    serves: contract.serves.filter(({ from }) => from.kind === 'anyPod'),
    calls: contract.calls.filter(({ to }) => to.kind !== 'component' || onPods(to.component)),
  }));
  return catalogueOf(contracts, whole.prohibitions.filter(({ name }) => name === 'metadata'), { ...whole.site, outside });
}

test.each(['workload', 'management'] as const)('%s: nothing is widened, and only the prohibition is missing', (cluster) => {
  const contracts = sayable(cluster);
  const world = standInWorld(contracts, { tenants });
  const cilium = generate(contracts, { hosts: 'off', tenants }).policies;
  const { policies, lost } = generate(contracts, { kind: 'kubernetes', tenants });
  expect(lost).toEqual([{ policy: 'metadata', kind: 'left out', what: expect.stringContaining('prohibition') as string }]);
  const changes = diff(world, cilium, policies);
  expect(changes.map(({ change, from, to }) => [change, from, to])).toEqual([['opened', ['tenant-stand-in/any-pod and 1 like it', "Cilium's health endpoint", "Cilium's ingress proxy"], ['169.254.169.254']]]);
});

test.each(['workload', 'management'] as const)('%s: generated NetworkPolicies mean to Cilium what their translation means', (cluster) => {
  const contracts = catalogue({ cluster });
  const world = standInWorld(contracts, { tenants });
  const { policies } = generate(contracts, { kind: 'kubernetes', tenants, nodeCidrs: ['192.0.2.0/24'] });
  expect(diff(world, policies, policies.map(toCilium))).toEqual([]);
});

test('what is widened is listed: without node addresses every component that calls the API server', () => {
  const { lost } = generate(catalogue(), { kind: 'kubernetes' });
  const widened = lost.filter(({ kind, what }) => kind === 'widened' && what.startsWith('kube-apiserver')).length;
  expect(widened).toBe(catalogue().contracts.filter(({ pods, calls }) => !pods.hostNetwork && calls.some(({ to }) => to.kind === 'component' && to.component === 'kube-apiserver')).length);
});
