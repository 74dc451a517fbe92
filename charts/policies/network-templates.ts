/** Templates of the part "network": the generated set of each kind of cluster, with what values decide as placeholders. */
import { catalogue } from '../../policies/network/contracts/catalogue.ts';
import { defaultSite, type OutsideName, type Site } from '../../policies/network/contracts/site.ts';
import type { GenerateOptions } from '../../policies/network/generate/bundle.ts';
import { generatedPolicies } from '../render/network-policies.ts';
import { expression, helmText, items, type Manifest } from '../render/upstream/helm-text.ts';
import { portDefaults } from './network-values.ts';

/** Numbers that no contract uses stand for ports in the templates, until they are replaced by the value's name. */
const stand = new Map(Object.keys(portDefaults).map((name, i): [string, number] => [name, 64_001 + i]));
const portOf = (name: string): number => stand.get(name) ?? 0;
const openStack = ['keystone', 'nova', 'neutron', 'glance', 'octavia', 'cinder'] as const;
const clusters = ['workload', 'management'] as const;
const tenant = expression('$namespace');
/** `$`: inside of the loop over tenants too. */
const labels = 'include "keelson.policies.labels" $ | fromYaml';

export function networkTemplates(): Record<string, string> {
  return Object.fromEntries(clusters.flatMap((cluster) => (['cilium', 'kubernetes'] as const).map((kind) => [`templates/network/${cluster}-${kind}.yaml`, template(cluster, kind)])));
}

function template(cluster: Site['cluster'], kind: 'cilium' | 'kubernetes'): string {
  const contracts = catalogue({ cluster, ...siteOf(kind) });
  const policies = (options: GenerateOptions): readonly Manifest[] => generatedPolicies(contracts, { kind, ...options }, labels);
  const isHost = ({ spec }: Manifest): boolean => (spec as { nodeSelector?: unknown }).nodeSelector !== undefined;
  const isTenant = ({ metadata }: Manifest): boolean => metadata.namespace === tenant;
  const own = policies({ hosts: 'off' });
  const parts = [
    ...own.map((policy) => helmText([policy], conditionOf(policy, contracts.contracts.map(({ component }) => component)))),
    ...(kind === 'cilium' ? (['audit', 'enforce'] as const).map((hosts) => helmText(policies({ hosts }).filter(isHost), `eq .Values.network.hosts "${hosts}"`)) : []),
    `{{- range $namespace := .Values.network.tenants }}\n---\n${helmText(policies({ hosts: 'off', tenants: [tenant] }).filter(isTenant))}{{- end }}\n`,
  ];
  const text = `{{- if and .Values.network.enabled (eq .Values.network.cluster "${cluster}") (eq .Values.network.kind "${kind}") }}\n${parts.join('---\n')}{{- end }}\n`;
  // In a description the addresses stand in the line.
  const described = text.replaceAll(/\{\{ items \d+ (\S+) \}\}/g, '{{ join ", " $1 }}');
  return [...stand].reduce((all, [name, number]) => all.replaceAll(new RegExp(String.raw`\b${number}\b`, 'g'), `{{ $.Values.network.ports.${name} }}`), described);
}

/** The policy of one component can be left out; what fences the namespaces cannot. */
function conditionOf({ metadata }: Manifest, components: readonly string[]): string | undefined {
  const component = components.find((name) => metadata.name === `keelson-${name}` || metadata.name === name);
  return component === undefined ? undefined : `or (not .Values.network.components) (has "${component}" .Values.network.components)`;
}

/** NetworkPolicy wraps addresses, so that a list of values cannot stand in their place: there the defaults do. */
function siteOf(kind: 'cilium' | 'kubernetes'): Partial<Site> {
  const cidrs = (value: string, defaults: readonly string[]): readonly string[] => (kind === 'cilium' ? [items(`$.Values.network.${value}`, 8)] : defaults);
  const outside = { ...defaultSite.outside, ...Object.fromEntries(openStack.map((name: OutsideName) => [name, { ports: [{ protocol: 'TCP' as const, port: portOf(name) }], cidrs: cidrs('openStackCidrs', ['0.0.0.0/0']) }])) };
  return {
    apiServerPort: portOf('apiServer'), dnsPort: portOf('dns'), controlPlaneMetricsPort: portOf('controlPlaneMetrics'),
    outside: { ...outside, resolvers: { ...defaultSite.outside.resolvers, cidrs: cidrs('resolverCidrs', ['0.0.0.0/0']) } },
    apiClientCidrs: cidrs('apiClientCidrs', defaultSite.apiClientCidrs),
    metadataCidrs: cidrs('metadataCidrs', defaultSite.metadataCidrs),
  };
}
