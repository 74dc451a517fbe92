/** Everything at once: what `keelson policy network check` does with the manifests it was given. */
import { type Finding, nameOf } from '../../findings/finding.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { Contract } from '../contract.ts';
import { tenantContract } from '../contracts/tenants.ts';
import { lint } from '../lint/lint.ts';
import type { Flow, Simulator } from '../model.ts';
import { includes, reachability } from '../reachability/index.ts';
import { createSimulator } from '../simulator/index.ts';
import { objectOf, type ReadManifest } from '../world/manifest.ts';
import { type ReadWorld, readWorld, type WorldOptions } from '../world/read-world.ts';
import { standInWorld, withDns, withTenants } from '../world/stand-ins.ts';
import { contractDrift } from './agreement.ts';
import { brokenContracts, brokenProhibitions } from './contracts.ts';
import { leaks, tenantLeaks } from './leaks.ts';
import { podsOf } from './questions.ts';

export interface CheckOptions extends WorldOptions {
  readonly catalogue: Catalogue;
  /** Namespaces that should be closed until their tenant opens them. */
  readonly tenants?: readonly string[];
}

/** Manifests, ready to be asked. */
export interface Loaded {
  readonly read: ReadWorld;
  readonly simulator: Simulator;
}

export interface CheckResult {
  readonly findings: readonly Finding[];
  readonly policies: number;
  readonly pods: number;
  /** The pods were made from contracts, because the manifests hold none. */
  readonly standIns: boolean;
}

export function load(manifests: readonly ReadManifest[], { catalogue, tenants = [], ...options }: CheckOptions): Loaded {
  const read = readWorld(manifests, options);
  const world = read.workloads.length > 0 ? withTenants(withDns(withNamespaces(read.world, tenants), catalogue), catalogue.managedNamespaces) : standInWorld(catalogue, { tenants: [...tenants, ...read.world.namespaces.map(({ name }) => name).filter((name) => !catalogue.managedNamespaces.includes(name) && !tenants.includes(name))] });
  return { read, simulator: createSimulator(world, read.policies.map(({ object }) => object)) };
}

function withNamespaces(world: ReadWorld['world'], names: readonly string[]): ReadWorld['world'] {
  const missing = names.filter((name) => !world.namespaces.some((one) => one.name === name));
  return { ...world, namespaces: [...world.namespaces, ...missing.map((name) => ({ name, labels: { 'kubernetes.io/metadata.name': name } }))] };
}

export function check(manifests: readonly ReadManifest[], options: CheckOptions): CheckResult {
  const { catalogue, tenants = [] } = options;
  const { read, simulator } = load(manifests, options);
  const promised: Catalogue = { ...catalogue, contracts: [...catalogue.contracts, ...tenants.map(tenantContract)] };
  const isThere = (contract: Contract): boolean => read.workloads.length === 0 || podsOf(contract, read.world).length > 0;
  return {
    policies: read.policies.length,
    pods: simulator.world.pods.length,
    standIns: read.workloads.length === 0,
    findings: located(read, [
      ...brokenContracts(promised, simulator), ...brokenProhibitions(catalogue, simulator), ...leaks(catalogue, simulator, { isThere, isAllowed: allAnswers(read, simulator) }), ...tenantLeaks(tenants, simulator),
      ...contractDrift(catalogue, read),
      ...lint(read, simulator, catalogue, manifests),
    ]),
  };
}

/** Every pair of ends at once is less work than asking for thousands of single flows. */
function allAnswers({ policies }: ReadWorld, simulator: Simulator): (flow: Flow) => boolean {
  const reach = reachability(simulator.world, policies.map(({ object }) => object));
  const groups = new Map(reach.groups.flatMap(({ members }, i) => members.map((member) => [JSON.stringify(member), i] as const)));
  return (flow) => {
    const [from, to] = [groups.get(JSON.stringify(flow.from)), groups.get(JSON.stringify(flow.to))];
    if (from === undefined || to === undefined) return simulator.decide(flow).allowed;
    return includes(reach.open(from, to), flow.protocol, flow.port ?? flow.icmpType ?? 8);
  };
}

/** The file and line of the object that a finding is about, where the manifests hold it. */
function located({ policies, workloads }: ReadWorld, findings: readonly Finding[]): readonly Finding[] {
  const origins = new Map([...policies, ...workloads.map(({ manifest }) => manifest)].map((manifest) => [nameOf(objectOf(manifest)), manifest.origin]));
  return findings.map((finding) => {
    const source = finding.source ?? origins.get(nameOf(finding.object));
    return source ? { ...finding, source } : finding;
  });
}
