/** Default deny that comes or stays away by surprise: deny rules, empty rules, empty lists, Cilium's health endpoints. */
import type { Finding } from '../../findings/finding.ts';
import type { Endpoint, Node } from '../model.ts';
import { isRecord, type ReadManifest } from '../world/manifest.ts';
import { matchesAll } from '../simulator/labels.ts';
import type { Rule } from '../simulator/rule.ts';
import { about, aboutObject, type LintContext, samePolicy } from './context.ts';

const directions = ['ingress', 'egress'] as const;

/** A deny rule turns default deny on like an allow rule does: devantler-tech/platform#3407, where one on the metadata address took DNS down. */
export function denyTurnsDefaultDenyOn(context: LintContext): readonly Finding[] {
  return context.rules.filter(({ verdict, hasDefaultDeny }) => verdict === 'deny' && hasDefaultDeny).flatMap((rule) => {
    const others = context.rules.filter((other) => other !== rule && other.direction === rule.direction && other.hasDefaultDeny && other.isAboutNodes === rule.isAboutNodes && !(samePolicy(rule, other) && other.verdict === 'deny'));
    const isClosedAnyway = (labelsOf: Rule['subject']): boolean => others.some((other) => JSON.stringify(other.subject) === JSON.stringify(labelsOf) || other.subject.length === 0);
    const pods = context.podsWith(rule.subject);
    const flipped = pods.length > 0 ? pods.find((pod) => !others.some((other) => context.podsWith(other.subject).includes(pod))) : undefined;
    if (pods.length > 0 ? !flipped : isClosedAnyway(rule.subject)) return [];
    return [about(context, rule, '', {
      rule: 'deny-turns-default-deny-on', severity: 'error',
      message: `this deny rule also turns default deny of ${rule.direction} on${flipped ? ` for ${flipped.namespace}/${flipped.name}` : ''}: everything else is dropped as well`,
      fix: `set enableDefaultDeny: {${rule.direction}: false} beside it`,
    })];
  });
}

/** `{}` and `[]`, which mean opposite things in the two kinds. */
export function emptyRules({ read }: LintContext): readonly Finding[] {
  return read.policies.flatMap((manifest) => (manifest.object.kind === 'NetworkPolicy' ? ofNetworkPolicy(manifest) : ofCilium(manifest)));
}

function ofNetworkPolicy(manifest: ReadManifest): readonly Finding[] {
  const spec = isRecord(manifest.object['spec']) ? manifest.object['spec'] : {};
  const saysAllow = /allow|open/i.test(manifest.object.metadata.name);
  return directions.flatMap((direction) => {
    const rules = Array.isArray(spec[direction]) ? (spec[direction] as unknown[]) : [];
    return rules.flatMap((rule, i) => {
      if (!isRecord(rule)) return [];
      const peers = rule[direction === 'ingress' ? 'from' : 'to'];
      const hasPeers = Array.isArray(peers) && peers.length > 0;
      const hasPorts = Array.isArray(rule['ports']) && rule['ports'].length > 0;
      if (hasPeers || hasPorts || saysAllow) return [];
      return [aboutObject(manifest, `spec.${direction}[${i}]`, {
        rule: 'empty-rule', severity: 'error',
        message: `an empty rule of a NetworkPolicy allows everything; in a CiliumNetworkPolicy it allows nothing`,
        fix: `to deny all, leave ${direction} out and keep policyTypes: [${direction === 'ingress' ? 'Ingress' : 'Egress'}]; to allow all on purpose, say so in the name ("allow-…")`,
      })];
    });
  });
}

function ofCilium(manifest: ReadManifest): readonly Finding[] {
  const specs = [['spec', manifest.object['spec']] as const, ...(Array.isArray(manifest.object['specs']) ? (manifest.object['specs'] as unknown[]).map((spec, i) => [`specs[${i}]`, spec] as const) : [])];
  return specs.flatMap(([path, spec]) => (isRecord(spec) ? [...emptyLists(manifest, path, spec), ...emptyAllows(manifest, path, spec), ...emptyPeers(manifest, path, spec)] : []));
}

/** `ingress: []` beside other rules: does nothing, and reads like "deny". A spec of empty lists only is refused, which is reported elsewhere. */
function emptyLists(manifest: ReadManifest, path: string, spec: Readonly<Record<string, unknown>>): readonly Finding[] {
  return ['ingress', 'ingressDeny', 'egress', 'egressDeny'].flatMap((list) => {
    const value = spec[list];
    if (!Array.isArray(value) || value.length > 0) return [];
    return [aboutObject(manifest, `${path}.${list}`, { rule: 'empty-list', severity: 'warning', message: `an empty ${list} does nothing: neither does it deny`, fix: list.endsWith('Deny') ? `leave ${list} out` : `to deny all write ${list}: [{}], else leave it out` })];
  });
}

/** `ingress: [{}]` under a name that promises to allow. */
function emptyAllows(manifest: ReadManifest, path: string, spec: Readonly<Record<string, unknown>>): readonly Finding[] {
  if (!/allow/i.test(manifest.object.metadata.name)) return [];
  return directions.flatMap((direction) => {
    const rules = Array.isArray(spec[direction]) ? (spec[direction] as unknown[]) : [];
    const i = rules.findIndex((rule) => isRecord(rule) && Object.keys(rule).length === 0);
    if (i < 0) return [];
    return [aboutObject(manifest, `${path}.${direction}[${i}]`, { rule: 'empty-rule', severity: 'error', message: 'an empty rule of a CiliumNetworkPolicy allows nothing and turns default deny on; in a NetworkPolicy it allows everything', fix: `to allow all write ${direction === 'ingress' ? 'fromEntities' : 'toEntities'}: [all]` })];
  });
}

/** `fromEndpoints: []` with ports: selects nobody; without the line it would be everybody (cilium/cilium#29608). */
function emptyPeers(manifest: ReadManifest, path: string, spec: Readonly<Record<string, unknown>>): readonly Finding[] {
  return ['ingress', 'ingressDeny', 'egress', 'egressDeny'].flatMap((list) =>
    (Array.isArray(spec[list]) ? (spec[list] as unknown[]) : []).flatMap((rule, i) =>
      Object.entries(isRecord(rule) ? rule : {}).flatMap(([field, value]) => {
        if (!/^(from|to)(Endpoints|Entities|CIDR|CIDRSet|Nodes)$/.test(field) || !Array.isArray(value) || value.length > 0) return [];
        return [aboutObject(manifest, `${path}.${list}[${i}].${field}`, { rule: 'empty-peers', severity: 'warning', message: `an empty ${field} selects nobody, so the rule does nothing but turn default deny on; before Cilium 1.15 it meant everybody`, fix: `name the peers, or write ${list}: [{}] to deny all` })];
      })));
}

/** A cluster-wide policy for every endpoint also selects Cilium's own health endpoints: nodes then look unhealthy (cilium#12199). */
export function healthCaught(context: LintContext): readonly Finding[] {
  const health = new Map([['health', { source: 'reserved', value: '' }]]);
  const caught = context.rules.filter((rule) => rule.namespace === undefined && !rule.isAboutNodes && rule.hasDefaultDeny && matchesAll(rule.subject, health));
  return directions.flatMap((direction) => {
    const rule = caught.find((one) => one.direction === direction);
    const isClosed = ({ name }: Node): boolean => {
      const node: Endpoint = { kind: 'node', name };
      const ends = direction === 'ingress' ? ({ from: node, to: { kind: 'health' } } as const) : ({ from: { kind: 'health' }, to: node } as const);
      return !context.simulator.decide({ ...ends, protocol: 'TCP', port: 4240 })[direction].allowed;
    };
    if (!rule || !context.simulator.world.nodes.some(isClosed)) return [];
    return [about(context, rule, '', {
      rule: 'health-endpoints-caught', severity: 'error',
      message: `the selector also finds Cilium's health endpoints, whose ${direction} is closed by this: nodes will be reported unreachable`,
      fix: `select by namespace (k8s:io.kubernetes.pod.namespace Exists), or allow the entities health and remote-node`,
    })];
  });
}
