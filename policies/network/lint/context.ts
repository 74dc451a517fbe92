/** What lints look at: the manifests, the rules as the simulator reads them, and which pods a selector finds. */
import { type Finding, nameOf } from '../../findings/finding.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import { placeOf, policyText } from '../check/words.ts';
import type { Pod, Simulator } from '../model.ts';
import { Identities } from '../simulator/identities.ts';
import type { IdentityLabels, Requirement } from '../simulator/labels.ts';
import { formatRequirements, matchesAll } from '../simulator/labels.ts';
import { readPolicies } from '../simulator/read-policies.ts';
import type { Rule } from '../simulator/rule.ts';
import { objectOf, type ReadManifest } from '../world/manifest.ts';
import type { ReadWorld } from '../world/read-world.ts';
import { standInPods } from '../world/stand-ins.ts';

export interface LintContext {
  readonly read: ReadWorld;
  readonly simulator: Simulator;
  /** Components whose contracts say more than a lint can guess. */
  readonly catalogue: Catalogue;
  readonly rules: readonly Rule[];
  /** Pods with an identity of their own that a selector finds. */
  readonly podsWith: (requirements: readonly Requirement[]) => readonly Pod[];
  /** Pods on the host network that it would find if they had an identity of their own. */
  readonly hostPodsWith: (requirements: readonly Requirement[]) => readonly Pod[];
  /** Whether a component of the catalogue would be found, were it there. */
  readonly isKnown: (requirements: readonly Requirement[]) => boolean;
  readonly policyOf: (rule: Rule) => ReadManifest | undefined;
}

export function lintContext(read: ReadWorld, simulator: Simulator, catalogue: Catalogue): LintContext {
  const { rules } = readPolicies(read.policies.map(({ object }) => object), simulator.world);
  const pods = identitiesOf(simulator.world.pods.filter(({ hostNetwork }) => !hostNetwork), simulator);
  const hostPods = identitiesOf(simulator.world.pods.filter(({ hostNetwork }) => hostNetwork), simulator);
  const known = identitiesOf(catalogue.contracts.flatMap((contract) => standInPods(contract, simulator.world.nodes.slice(0, 1))), simulator);
  const byName = new Map(read.policies.map((manifest) => [nameOf(objectOf(manifest)), manifest]));
  const matching = (list: typeof pods) => remembered((requirements: readonly Requirement[]): readonly Pod[] => list.filter(({ labels }) => matchesAll(requirements, labels)).map(({ pod }) => pod));
  const knownWith = matching(known);
  return { read, simulator, catalogue, rules, podsWith: matching(pods), hostPodsWith: matching(hostPods), isKnown: (requirements) => knownWith(requirements).length > 0, policyOf: (rule) => byName.get(policyText(rule.reference.policy)) };
}

/** Many rules have the same selector: it is looked up once. */
function remembered(find: (requirements: readonly Requirement[]) => readonly Pod[]): (requirements: readonly Requirement[]) => readonly Pod[] {
  const known = new Map<string, readonly Pod[]>();
  return (requirements) => {
    const key = formatRequirements(requirements);
    const found = known.get(key) ?? find(requirements);
    known.set(key, found);
    return found;
  };
}

function identitiesOf(pods: readonly Pod[], { world }: Simulator): readonly { readonly pod: Pod; readonly labels: IdentityLabels }[] {
  const identities = new Identities({ ...world, pods: [] }, []);
  return pods.map((pod) => ({ pod, labels: identities.peer({ kind: 'pod', pod: { ...pod, hostNetwork: false } }, undefined).labels }));
}

export const samePolicy = (a: Rule, b: Rule): boolean => policyText(a.reference.policy) === policyText(b.reference.policy);

/** A finding about one rule. @param at below the rule: "toPorts[0].ports[0].port" */
export function about(context: LintContext, rule: Rule, at: string, finding: Pick<Finding, 'rule' | 'severity' | 'message' | 'fix'>): Finding {
  const manifest = context.policyOf(rule);
  const { object } = placeOf({ allowed: true, cause: { kind: 'allowed-by', rules: [rule.reference] } }, { kind: 'init' });
  return { ...finding, rule: `network/${finding.rule}`, object, path: at === '' ? rule.reference.path : `${rule.reference.path}.${at}`, ...(manifest ? { source: manifest.origin } : {}) };
}

/** A finding about an object. */
export function aboutObject(manifest: ReadManifest, path: string, finding: Pick<Finding, 'rule' | 'severity' | 'message' | 'fix'>): Finding {
  return { ...finding, rule: `network/${finding.rule}`, object: objectOf(manifest), path, source: manifest.origin };
}
