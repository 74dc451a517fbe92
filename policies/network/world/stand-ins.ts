/** A world made of contracts alone: what policies are checked against where no manifests are at hand, and tenants that nobody has yet. */
import { podsOf } from '../check/questions.ts';
import type { Contract } from '../contract.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { ContainerPort, Namespace, Node, Pod, World } from '../model.ts';
import { standInNodes } from './read-world.ts';

/** A namespace that no contract manages; RFC 1123 allows the name, and nobody uses it. */
export const standInTenant = { namespace: 'tenant-stand-in', pods: ['any-pod', 'another-pod'] } as const;
/** An API server that is no node: a managed control plane. TEST-NET-1, RFC 5737. */
export const standInApiServer = '192.0.2.20';

const namespaceNamed = (name: string): Namespace => ({ name, labels: { 'kubernetes.io/metadata.name': name } });

/** Two pods of a component, on a node each; none for one on the host network. */
export function standInPods({ component, pods: { namespace, labels, hostNetwork }, listens }: Contract, nodes: readonly Node[]): readonly Pod[] {
  if (hostNetwork) return [];
  const ports = Object.values(listens).flatMap(({ ports: own }) => own.flatMap((port): ContainerPort[] => (port.protocol === 'ICMP' ? [] : [{ port: port.port, protocol: port.protocol }])));
  return nodes.slice(-2).map(({ name: node }): Pod => ({ namespace, name: `${component}-on-${node}`, labels, node, hostNetwork: false, addresses: [], ports }));
}

/** Every component of the catalogue. */
export function standInWorld({ contracts, managedNamespaces }: Catalogue, { tenants = [] }: { readonly tenants?: readonly string[] } = {}): World {
  return withTenants({
    namespaces: [...managedNamespaces, ...tenants].map(namespaceNamed),
    nodes: standInNodes,
    pods: contracts.flatMap((contract) => standInPods(contract, standInNodes)),
    services: [],
    apiServerAddresses: [standInApiServer],
    settings: { hostFirewall: true },
  }, managedNamespaces);
}

/** The world with DNS pods where the manifests hold none: every cluster has them, and charts do not bring them. */
export function withDns(world: World, { contracts }: Catalogue): World {
  const dns = contracts.find(({ listens }) => listens['dns']);
  if (!dns || podsOf(dns, world).length > 0) return world;
  const isNew = !world.namespaces.some(({ name }) => name === dns.pods.namespace);
  return { ...world, namespaces: isNew ? [...world.namespaces, namespaceNamed(dns.pods.namespace)] : world.namespaces, pods: [...world.pods, ...standInPods(dns, world.nodes)] };
}

/** The world with pods in every namespace that nobody manages and that has none, and in one that does not exist yet. */
export function withTenants(world: World, managedNamespaces: readonly string[]): World {
  const tenants = world.namespaces.map(({ name }) => name).filter((name) => !managedNamespaces.includes(name));
  const bare = tenants.filter((name) => !world.pods.some(({ namespace, hostNetwork }) => namespace === name && !hostNetwork));
  const standIns = tenants.includes(standInTenant.namespace) ? bare : [...bare, standInTenant.namespace];
  const node = world.nodes.at(-1)?.name;
  const pod = (namespace: string, name: string): Pod => ({ namespace, name, labels: {}, ...(node === undefined ? {} : { node }), hostNetwork: false, addresses: [], ports: [] });
  return {
    ...world,
    namespaces: tenants.includes(standInTenant.namespace) ? world.namespaces : [...world.namespaces, namespaceNamed(standInTenant.namespace)],
    pods: [...world.pods, ...standIns.flatMap((namespace) => standInTenant.pods.map((name) => pod(namespace, name)))],
  };
}
