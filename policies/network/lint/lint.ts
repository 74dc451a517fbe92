/** Every lint: mistakes that can be seen in the manifests alone. Start reading here. */
import type { Finding } from '../../findings/finding.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { PolicyProblem, Simulator } from '../model.ts';
import { entities } from '../simulator/peers.ts';
import { isRecord, type ReadManifest } from '../world/manifest.ts';
import type { ReadWorld } from '../world/read-world.ts';
import { aboutObject, type LintContext, lintContext } from './context.ts';
import { denyTurnsDefaultDenyOn, emptyRules, healthCaught } from './defaults.ts';
import { probes, scrapes, webhooks } from './implied.ts';
import { servicePorts } from './ports.ts';
import { apiServerClosed, cidrsOfNodes, namesOfOtherVersions, namesWithoutProxy, noDns } from './reach.ts';
import { deadSelectors } from './selectors.ts';

/** @param manifests all of them: webhooks and monitors are read from them */
export function lint(read: ReadWorld, simulator: Simulator, catalogue: Catalogue, manifests: readonly ReadManifest[]): readonly Finding[] {
  const context = lintContext(read, simulator, catalogue);
  return [
    ...unknownEntities(context), ...problems(context),
    ...servicePorts(context), ...deadSelectors(context),
    ...denyTurnsDefaultDenyOn(context), ...emptyRules(context), ...healthCaught(context),
    ...noDns(context), ...namesWithoutProxy(context), ...namesOfOtherVersions(context), ...cidrsOfNodes(context), ...apiServerClosed(context),
    ...webhooks(context, manifests), ...probes(context), ...scrapes(context, manifests),
  ];
}

/** What Cilium refuses as a whole, and what it accepts and ignores. */
function problems({ simulator, read }: LintContext): readonly Finding[] {
  return simulator.problems.flatMap((problem) => {
    // Reported with the entity that was probably meant.
    if (/Entities\[\d+\]$/.test(problem.path)) return [];
    const manifest = read.policies.find((one) => nameMatches(one, problem));
    const texts = {
      refused: { rule: 'policy-refused', severity: 'error', message: `Cilium refuses the policy, and with it all of its rules: ${problem.message}`, fix: 'correct it; until then none of its rules is in force' },
      inert: { rule: 'without-effect', severity: 'warning', message: `this part does nothing: ${problem.message}`, fix: 'correct it or take it out' },
      undecided: { rule: 'not-decided', severity: 'warning', message: problem.message, fix: 'look at it yourself: it is not decided here' },
    } as const;
    const finding = texts[problem.kind];
    if (manifest) return [aboutObject(manifest, problem.path, finding)];
    const [kind = '', name = ''] = problem.policy.split(' ');
    return [{ ...finding, rule: `network/${finding.rule}`, object: { apiVersion: '', kind, name }, path: problem.path }];
  });
}

function nameMatches({ object: { kind, metadata } }: ReadManifest, { policy }: PolicyProblem): boolean {
  return policy === `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/** A typing error in an entity, with the one that was probably meant. */
function unknownEntities({ read }: LintContext): readonly Finding[] {
  return read.policies.flatMap((manifest) => entitiesIn(manifest.object, '').flatMap(({ path, value }) => {
    if (typeof value === 'string' && (entities as readonly string[]).concat('world-ipv4', 'world-ipv6').includes(value)) return [];
    const text = String(value);
    const [nearest] = [...entities].sort((a, b) => distance(text, a) - distance(text, b));
    const known = nearest !== undefined && distance(text, nearest) <= Math.max(3, text.length / 2);
    return [aboutObject(manifest, path, { rule: 'unknown-entity', severity: 'error', message: `"${text}" is no entity, so the whole policy is refused`, fix: known ? `write ${nearest}` : `write one of ${entities.join(', ')}` })];
  }));
}

function entitiesIn(value: unknown, path: string): readonly { readonly path: string; readonly value: unknown }[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => entitiesIn(item, `${path}[${i}]`));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, below]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return /^(from|to)Entities$/.test(key) && Array.isArray(below) ? below.map((item: unknown, i) => ({ path: `${at}[${i}]`, value: item })) : entitiesIn(below, at);
  });
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, ch] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) next.push(Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (ch === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
