/** What holds whatever components say: default deny of the managed namespaces, what nobody may ever reach, and what tenants get on request. */
import type { Prohibition } from '../contract.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import { componentNamed, portsOf, portText } from '../flows.ts';
import { layer4, podSelector } from './cilium.ts';
import { cilium, type CiliumPolicy, type EgressRule, namespaceKey, type Selector } from './policy.ts';

/** The namespace in the selector keeps Cilium's health endpoints out: `{}` would select them too. */
export function defaultDeny({ managedNamespaces }: Catalogue, prefix: string): CiliumPolicy {
  return cilium('CiliumClusterwideNetworkPolicy', { name: `${prefix}default-deny` }, {
    description: 'Pods of the managed namespaces reach nothing, and nothing reaches them, but what the policy of a component allows.',
    endpointSelector: { matchExpressions: [{ key: namespaceKey, operator: 'In', values: managedNamespaces }] },
    ingress: [{}],
    egress: [{}],
  });
}

/** Deny rules, which no allow overrides; default deny stays as it is, so they close nothing else. */
export function denials(catalogue: Catalogue, prefix: string): readonly CiliumPolicy[] {
  const of = (from: Prohibition['from']): readonly Prohibition[] => catalogue.prohibitions.filter((one) => one.from === from);
  const tenants: Selector = { matchExpressions: [{ key: namespaceKey, operator: 'Exists' }, { key: namespaceKey, operator: 'NotIn', values: catalogue.managedNamespaces }] };
  return [
    ...denial(catalogue, of('anyPod'), { name: `${prefix}deny-all-pods`, title: 'What no pod may reach, whatever else allows it.', endpointSelector: {} }),
    ...denial(catalogue, of('tenantPod'), { name: `${prefix}deny-tenants`, title: 'What no pod outside the managed namespaces may reach, whatever else allows it.', endpointSelector: tenants }),
  ];
}

function denial(catalogue: Catalogue, list: readonly Prohibition[], { name, title, endpointSelector }: { name: string; title: string; endpointSelector: Selector }): readonly CiliumPolicy[] {
  if (list.length === 0) return [];
  const rules = list.map((one) => deny(catalogue, one));
  const nodes = rules.filter(({ rule }) => rule.toEntities);
  const nodePorts = nodes.flatMap(({ rule }) => rule.toPorts ?? []).flatMap(({ ports }) => ports);
  const apart = rules.filter(({ rule }) => !rule.toEntities);
  const onNodes = nodes.length > 0 ? [{ rule: { toEntities: ['host', 'remote-node'], toPorts: [{ ports: nodePorts }] } satisfies EgressRule, text: nodes.map(({ text }) => text).join('; ') }] : [];
  const all = [...apart, ...onNodes];
  return [cilium('CiliumClusterwideNetworkPolicy', { name }, {
    description: [title, ...all.map(({ text }, i) => `egressDeny[${i}] ${text}`)].join('\n'),
    endpointSelector,
    enableDefaultDeny: { ingress: false, egress: false },
    egressDeny: all.map(({ rule }) => rule),
  })];
}

function deny(catalogue: Catalogue, { name, to, reason }: Prohibition): { readonly rule: EgressRule; readonly text: string } {
  if (to.kind === 'cidrs') return { rule: { toCIDR: to.cidrs }, text: `${name}, ${to.cidrs.join(', ')}: ${reason}` };
  const contract = componentNamed(catalogue, to.component, `the prohibition ${name}`);
  const ports = portsOf(contract, to.listener);
  const peer: EgressRule = contract.pods.hostNetwork ? { toEntities: ['host', 'remote-node'] } : { toEndpoints: [podSelector(contract)] };
  return { rule: { ...peer, ...layer4(ports) }, text: `${name}, ${ports.map(portText).join(', ')}: ${reason}` };
}

/** Deny all, then names and the own namespace: what a tenant's namespace starts from. Further policies of the tenant add to it. */
export function tenantDefaults(catalogue: Catalogue, namespace: string, prefix: string): CiliumPolicy {
  const dns = componentNamed(catalogue, 'coredns', 'the defaults of tenants');
  return cilium('CiliumNetworkPolicy', { name: `${prefix}tenant-defaults`, namespace }, {
    description: [
      'Pods of this namespace reach each other and resolve names. What else they need, further policies add.',
      'ingress[0] pods of this namespace', 'egress[0] pods of this namespace', `egress[1] ${dns.component}: names`,
    ].join('\n'),
    endpointSelector: {},
    ingress: [{ fromEndpoints: [{}] }],
    egress: [{ toEndpoints: [{}] }, { toEndpoints: [podSelector(dns, namespace)], ...layer4(portsOf(dns, 'dns')) }],
  });
}

