/** The generated bundle holds no rule too many and no hole that the checks would not see. */
import { brokenContracts, brokenProhibitions } from '../../../policies/network/check/contracts.ts';
import type { Finding } from '../../../policies/findings/finding.ts';
import { leaks, tenantLeaks } from '../../../policies/network/check/leaks.ts';
import { catalogue, catalogueOf } from '../../../policies/network/contracts/catalogue.ts';
import { tenantContract } from '../../../policies/network/contracts/tenants.ts';
import { generate } from '../../../policies/network/generate/bundle.ts';
import type { CiliumPolicy } from '../../../policies/network/generate/policy.ts';
import type { Simulator } from '../../../policies/network/model.ts';
import { createSimulator } from '../../../policies/network/simulator/index.ts';
import { standInWorld } from '../../../policies/network/world/stand-ins.ts';
import { cuts, type Mutant, openings } from './mutants.ts';

/** Both kinds of clusters share most contracts: the second one's cuts run with `npm run test:deep`. */
const cutAll = (cluster: string): boolean => cluster === 'workload' || process.env['KEELSON_DEEP'] !== undefined;

function isEmpty(items: Iterable<unknown>): boolean {
  return items[Symbol.iterator]().next().done ?? false;
}

describe.each(['workload', 'management'] as const)('policies of a %s cluster', (cluster) => {
  const contracts = catalogue({ cluster });
  const tenants = ['org-demo'];
  const world = standInWorld(contracts, { tenants });
  const bundle = generate(contracts, { hosts: 'enforce', tenants }).policies as CiliumPolicy[];
  const promised = catalogueOf([...contracts.contracts, ...tenants.map(tenantContract)]);
  const simulate = (policies: readonly CiliumPolicy[]): Simulator => {
    const simulator = createSimulator(world, policies);
    expect(simulator.problems).toEqual([]);
    return simulator;
  };
  const tooOpen = (simulator: Simulator): readonly Finding[] => [...brokenProhibitions(contracts, simulator), ...leaks(contracts, simulator), ...tenantLeaks(tenants, simulator)];
  const survivors = (mutants: readonly Mutant[], findings: (simulator: Simulator) => Iterable<Finding>): string[] => mutants.filter(({ policies }) => isEmpty(findings(simulate(policies)))).map(({ name }) => name);

  test('every contract holds, nothing forbidden or unknown is open', () => {
    const simulator = simulate(bundle);
    expect([...brokenContracts(promised, simulator), ...tooOpen(simulator)]).toEqual([]);
  });

  test('every rule, peer and port is needed: without it a contract breaks', () => {
    const mutants = cuts(bundle).filter((_, i) => cutAll(cluster) || i % 10 === 0);
    const left = survivors(mutants, (simulator) => brokenContracts(promised, simulator));
    console.log(`${cluster}: ${mutants.length} cuts, ${left.length} survive`);
    expect(mutants.length).toBeGreaterThan(cutAll(cluster) ? 150 : 20);
    expect(left).toEqual([]);
  });

  test('every deny rule is needed while host policies only audit', () => {
    const audited = generate(contracts, { hosts: 'audit', tenants }).policies as CiliumPolicy[];
    expect(tooOpen(simulate(audited))).toEqual([]);
    const denying = audited.filter(({ spec }) => spec.egressDeny);
    expect(denying).toHaveLength(2);
    for (const policy of denying) expect(tooOpen(simulate(audited.filter((other) => other !== policy))).map(({ rule }) => rule)).toContain('network/forbidden-flow-open');
  });

  test('a rule too many opens what is forbidden or what no contract knows', () => {
    const mutants = openings(bundle);
    const left = survivors(mutants, tooOpen);
    console.log(`${cluster}: ${mutants.length} openings, ${left.length} survive`);
    expect(left).toEqual([]);
  });
});
