/** All policies of a catalogue. Start reading here. */
import type { Catalogue } from '../contracts/catalogue.ts';
import { componentNamed, type ContractFlow, flowsOf, portsOf } from '../flows.ts';
import { componentPolicy, hostPolicies, type HostMode } from './cilium.ts';
import { defaultDeny, denials, tenantDefaults } from './fences.ts';
import { componentNetworkPolicy, kubernetes, type KubernetesOptions, type Loss } from './kubernetes.ts';
import type { KubernetesPolicy, Policy } from './policy.ts';

export interface GenerateOptions {
  /** Default cilium. */
  readonly kind?: 'cilium' | 'kubernetes';
  /** Policies of nodes; default audit: roll out with it, look at what would be dropped, then enforce. Cilium only. */
  readonly hosts?: HostMode;
  /** Namespaces that get the defaults of tenants. */
  readonly tenants?: readonly string[];
  /** For NetworkPolicy: addresses of nodes and of the API server. */
  readonly nodeCidrs?: readonly string[];
  /** Before every name; default "keelson-". */
  readonly prefix?: string;
}

export interface Bundle {
  readonly policies: readonly Policy[];
  /** What NetworkPolicy cannot say; empty for Cilium's kinds. */
  readonly lost: readonly Loss[];
}

/** The flows that are generated. Whoever wants what is merely allowed writes a policy for it. */
export const generatedFlows = (catalogue: Catalogue): readonly ContractFlow[] => flowsOf(catalogue).filter(({ need }) => need !== 'allowed');

/** @throws {NetworkError} NETWORK_BAD_CONTRACT */
export function generate(catalogue: Catalogue, { kind = 'cilium', ...options }: GenerateOptions = {}): Bundle {
  return kind === 'cilium' ? ciliumBundle(catalogue, options) : kubernetesBundle(catalogue, options);
}

function ciliumBundle(catalogue: Catalogue, { hosts = 'audit', tenants = [], prefix = 'keelson-' }: GenerateOptions): Bundle {
  const flows = generatedFlows(catalogue);
  const components = catalogue.contracts.filter(({ pods }) => !pods.hostNetwork);
  return {
    policies: [
      defaultDeny(catalogue, prefix),
      ...denials(catalogue, prefix),
      ...(hosts === 'off' ? [] : hostPolicies(catalogue.contracts, flows, hosts, prefix)),
      ...components.map((contract) => componentPolicy(contract, flows, prefixed(prefix, contract.component))),
      ...tenants.map((namespace) => tenantDefaults(catalogue, namespace, prefix)),
    ],
    lost: [],
  };
}

function kubernetesBundle(catalogue: Catalogue, { tenants = [], nodeCidrs = [], prefix = 'keelson-' }: GenerateOptions): Bundle {
  const flows = generatedFlows(catalogue);
  const options: KubernetesOptions = { nodeCidrs, metadataCidrs: catalogue.site.metadataCidrs };
  const onNodes = catalogue.contracts.filter(({ pods }) => pods.hostNetwork);
  const rendered = catalogue.contracts.filter(({ pods }) => !pods.hostNetwork).map((contract) => componentNetworkPolicy(contract, flows, prefixed(prefix, contract.component), options));
  return {
    policies: [
      ...catalogue.managedNamespaces.map((namespace) => denyAll(namespace, prefix)),
      ...rendered.map(({ policy }) => policy),
      ...tenants.map((namespace) => tenantNetworkPolicy(catalogue, namespace, prefix)),
    ],
    lost: [
      ...onNodes.map(({ component }): Loss => ({ policy: component, kind: 'left out', what: 'what listens on nodes: NetworkPolicy sees no host network' })),
      ...catalogue.prohibitions.map(({ name }): Loss => ({ policy: name, kind: 'left out', what: 'a prohibition: NetworkPolicy has no deny rules, so other policies can open it' })),
      ...rendered.flatMap(({ lost }) => lost),
    ],
  };
}

/** Our own components begin with the prefix already. */
export const prefixed = (prefix: string, component: string): string => (component.startsWith(prefix) ? component : `${prefix}${component}`);

const denyAll = (namespace: string, prefix: string): KubernetesPolicy =>
  kubernetes({ name: `${prefix}default-deny`, namespace }, 'Nothing, but what other policies allow.', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] });

function tenantNetworkPolicy(catalogue: Catalogue, namespace: string, prefix: string): KubernetesPolicy {
  const dns = componentNamed(catalogue, 'coredns', 'the defaults of tenants');
  const ports = portsOf(dns, 'dns').flatMap((port) => (port.protocol === 'ICMP' ? [] : [{ protocol: port.protocol, port: port.port }]));
  return kubernetes({ name: `${prefix}tenant-defaults`, namespace }, 'Pods of this namespace reach each other and resolve names. What else they need, further policies add.', {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [{ from: [{ podSelector: {} }] }],
    egress: [{ to: [{ podSelector: {} }] }, { to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': dns.pods.namespace } }, podSelector: { matchLabels: dns.pods.labels } }], ports }],
  });
}
