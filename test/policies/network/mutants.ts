/** Every bundle that differs from a generated one by one cut, or by one rule too many: made by machine, none is picked. */
import type { CiliumPolicy, CiliumSpec, EgressRule, IngressRule } from '../../../policies/network/generate/policy.ts';

export interface Mutant {
  readonly name: string;
  readonly policies: readonly CiliumPolicy[];
}

type Rule = IngressRule & EgressRule;
const peerFields = ['fromEndpoints', 'fromEntities', 'fromCIDR', 'toEndpoints', 'toEntities', 'toCIDR', 'toFQDNs'] as const;
const isAllow = (rule: object): boolean => Object.keys(rule).length > 0;

/** Without one rule, without one peer of a rule, without one port of a rule. */
export function cuts(policies: readonly CiliumPolicy[]): readonly Mutant[] {
  return policies.flatMap((policy, at) => (['ingress', 'egress'] as const).flatMap((field) =>
    (policy.spec[field] ?? []).flatMap((rule, i) => {
      if (!isAllow(rule)) return [];
      const place = `${policy.metadata.name} ${field}[${i}]`;
      // An empty rule in place of the last: default deny must stay on, or the cut would open the direction.
      const without = (replacement: readonly Rule[]): CiliumSpec => ({ ...policy.spec, [field]: [...policy.spec[field]!.slice(0, i), ...replacement, ...policy.spec[field]!.slice(i + 1)] });
      const mutant = (name: string, spec: CiliumSpec): Mutant => ({ name, policies: policies.map((other, j) => (j === at ? { ...policy, spec } : other)) });
      const single = policy.spec[field]!.length === 1;
      return [
        mutant(`${place} removed`, without(single ? [{}] : [])),
        ...withoutOnePeer(rule as Rule).map(({ what, rule: smaller }) => mutant(`${place} without ${what}`, without([smaller]))),
        ...withoutOnePort(rule as Rule).map(({ what, rule: smaller }) => mutant(`${place} without ${what}`, without([smaller]))),
      ];
    })));
}

function withoutOnePeer(rule: Rule): { what: string; rule: Rule }[] {
  return peerFields.flatMap((field) => {
    const items: readonly unknown[] = rule[field] ?? [];
    return items.length < 2 ? [] : items.map((item, i) => ({ what: JSON.stringify(item), rule: { ...rule, [field]: items.toSpliced(i, 1) } }));
  });
}

function withoutOnePort(rule: Rule): { what: string; rule: Rule }[] {
  const [list] = rule.toPorts ?? [];
  if (!list || list.ports.length < 2) return [];
  return list.ports.map((port, i) => ({ what: `${port.port}/${port.protocol}`, rule: { ...rule, toPorts: [{ ...list, ports: list.ports.toSpliced(i, 1) }] } }));
}

/** Each policy of a component or of nodes with a rule that lets everybody in, or out to everywhere. */
export function openings(policies: readonly CiliumPolicy[]): readonly Mutant[] {
  return policies.flatMap((policy, at) => [['ingress', 'fromEntities'], ['egress', 'toEntities']].flatMap(([field, peers]) => {
    const rules = policy.spec[field as 'ingress' | 'egress'];
    if (!rules) return [];
    const spec = { ...policy.spec, [field!]: [...rules, { [peers!]: ['all'] }] } as CiliumSpec;
    return [{ name: `${policy.metadata.name} ${field} ${peers}: [all]`, policies: policies.map((other, j) => (j === at ? { ...policy, spec } : other)) }];
  }));
}
