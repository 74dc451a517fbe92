import { brokenContracts } from '../../../policies/network/check/contracts.ts';
import { catalogue } from '../../../policies/network/contracts/catalogue.ts';
import { diff } from '../../../policies/network/diff.ts';
import { generate } from '../../../policies/network/generate/bundle.ts';
import type { CiliumPolicy } from '../../../policies/network/generate/policy.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { standInWorld } from '../../../policies/network/world/stand-ins.ts';
import { cuts, openings } from './mutants.ts';

const contracts = catalogue();
const tenants = ['org-demo'];
const world = standInWorld(contracts, { tenants });
const bundle = generate(contracts, { hosts: 'enforce', tenants }).policies as CiliumPolicy[];

describe('the difference of two sets of policies', () => {
  test('is none between equal ones, in whatever order', () => {
    expect(diff(world, bundle, bundle.toReversed())).toEqual([]);
  });

  test('names what closed and what opened, each with the smallest flow that shows it', () => {
    const moved = JSON.parse(JSON.stringify(bundle).replaceAll('"port":"9153"', '"port":"9154"')) as CiliumPolicy[];
    const changes = diff(world, bundle, moved);
    expect(changes.map(({ change, ports }) => `${change} ${ports}`)).toEqual(['opened TCP 9154', 'closed TCP 9153']);
    for (const { change, from, to, witness, before, after } of changes) {
      expect([from, to]).toEqual([['keelson-system/prometheus-on-worker-a and 1 like it'], ['kube-system/coredns-on-worker-a and 1 like it']]);
      expect(witness.port).toBe(change === 'opened' ? 9154 : 9153);
      expect([before.allowed, after.allowed]).toEqual([change === 'closed', change === 'opened']);
    }
  });

  test('an address that only one side names is told apart on both', () => {
    const narrowed = JSON.parse(JSON.stringify(bundle).replaceAll('"toCIDR":["0.0.0.0/0"],"toPorts":[{"ports":[{"port":"53"', '"toCIDR":["198.51.100.53/32"],"toPorts":[{"ports":[{"port":"53"')) as CiliumPolicy[];
    const changes = diff(world, bundle, narrowed);
    expect(changes.map(({ change, to, ports }) => [change, to, ports])).toEqual([['closed', expect.arrayContaining(['0.0.0.0']) as string[], 'TCP 53, UDP 53']]);
    expect(changes[0]!.to).not.toContain('198.51.100.53');
  });

  test('every cut of the bundle that breaks a contract closes a flow and opens none', () => {
    const sample = cuts(bundle).filter((_, i) => i % 12 === 0);
    expect(sample.length).toBeGreaterThan(12);
    for (const { name, policies } of sample) {
      expect([name, [...brokenContracts(contracts, createSimulator(world, policies))].length > 0 || /tenant/.test(name)]).toEqual([name, true]);
      // Flows between a pod and its own node, and names that it may ask for, are `check`'s to see, not the difference's.
      const seen = /without ("host"|\{"matchPattern":.*)$/.test(name) ? [] : ['closed'];
      expect([name, [...new Set(diff(world, bundle, policies).map(({ change }) => change))]]).toEqual([name, seen]);
    }
  });

  test('every rule for all opens flows and closes none', () => {
    for (const { name, policies } of openings(bundle).filter((_, i) => i % 8 === 0)) {
      expect([name, [...new Set(diff(world, bundle, policies).map(({ change }) => change))]]).toEqual([name, ['opened']]);
    }
  });
});
