/**
 * Identities of everything in the world: labels as the agents compute them (SanitizePodLabels, nodeIdentityLabels, the
 * kube-apiserver watcher, CIDR groups). A node is "host" to itself and its pods, "remote-node" to everybody else.
 */
import type { Endpoint, Labels, Node, Pod, World } from '../model.ts';
import { NetworkError } from '../errors.ts';
import { contains, parseAddress, type Address, type Prefix } from './addresses.ts';
import type { CidrGroup, Identity } from './identity.ts';
import { labelFilter, type LabelFilter } from './label-filter.ts';
import { clusterLabel, namespaceLabels, podNamespace, serviceAccountLabel, type SourcedLabel } from './labels.ts';
import { isPortName, type NamedPorts } from './ports.ts';

/** One end of a flow, found in the world. */
export type End =
  | { readonly kind: 'pod'; readonly pod: Pod }
  /** undefined: a pod with host network whose node is not known. */
  | { readonly kind: 'node'; readonly node: Node | undefined; readonly ip?: string }
  | { readonly kind: 'outside'; readonly ip: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'reserved'; readonly name: 'health' | 'init' | 'ingress' | 'unmanaged' };

export interface AddressGroup extends CidrGroup {
  readonly prefixes: readonly Prefix[];
}

const noPorts: NamedPorts = new Map();
/** Labels that only Cilium may set; a pod's own are dropped. */
const ciliumPrefix = 'io.cilium.k8s';

export class Identities {
  readonly #world: World;
  readonly #groups: readonly AddressGroup[];
  readonly #filter: LabelFilter;
  readonly #clusterName: string;
  readonly #podsByName: ReadonlyMap<string, Pod>;
  readonly #nodesByName: ReadonlyMap<string, Node>;
  readonly #endsByAddress: ReadonlyMap<string, End>;
  readonly #namespaces: ReadonlyMap<string, Labels>;
  readonly #known = new Map<object | string, Identity>();

  constructor(world: World, groups: readonly AddressGroup[]) {
    this.#world = world;
    this.#groups = groups;
    this.#filter = labelFilter(world.settings?.identityLabels);
    this.#clusterName = world.clusterName ?? 'default';
    this.#podsByName = new Map(world.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
    this.#nodesByName = new Map(world.nodes.map((node) => [node.name, node]));
    this.#namespaces = new Map(world.namespaces.map((namespace) => [namespace.name, namespace.labels]));
    this.#endsByAddress = new Map([
      ...world.nodes.flatMap((node) => node.addresses.map((ip): [string, End] => [ip, { kind: 'node', node, ip }])),
      ...world.pods.filter((pod) => !pod.hostNetwork).flatMap((pod) => pod.addresses.map((ip): [string, End] => [ip, { kind: 'pod', pod }])),
    ]);
  }

  /** @throws NetworkError NETWORK_UNKNOWN_ENDPOINT, NETWORK_BAD_FLOW */
  find(endpoint: Endpoint): End {
    switch (endpoint.kind) {
      case 'pod':
        return this.#findPod(endpoint.namespace, endpoint.name);
      case 'node': {
        const node = this.#nodesByName.get(endpoint.name);
        if (!node) throw new NetworkError('NETWORK_UNKNOWN_ENDPOINT', `node ${endpoint.name} is not in the world: it has ${listed([...this.#nodesByName.keys()])}`);
        return { kind: 'node', node };
      }
      case 'address':
        return this.#findAddress(endpoint.ip);
      case 'fqdn':
        return { kind: 'name', name: endpoint.name.toLowerCase().replace(/\.$/, '') };
      case 'apiServer':
        return this.#findApiServer();
      default:
        return { kind: 'reserved', name: endpoint.kind };
    }
  }

  /** The node where an end's traffic is filtered. */
  nodeOf(end: End): string | undefined {
    if (end.kind === 'pod') return end.pod.node;
    return end.kind === 'node' ? end.node?.name : undefined;
  }

  /** As the subject of policies. A node's subject labels are those of its Node object; other ends see other labels of it. */
  subject(end: End): Identity {
    if (end.kind !== 'node' || !end.node) return this.peer(end, undefined);
    const { node } = end;
    return this.#remember(`subject ${node.name}`, () => {
      const own = Object.entries(node.labels).filter(([key]) => this.#filter(key, 'k8s')).map(([key, value]): [string, SourcedLabel] => [key, { source: 'k8s', value }]);
      return { labels: new Map([reserved('host'), ...own]), isLocalHost: true, addresses: [], groups: [], name: undefined, ports: noPorts };
    });
  }

  /** As others see it, from the given node. */
  peer(end: End, fromNode: string | undefined): Identity {
    switch (end.kind) {
      case 'pod':
        return this.#remember(end.pod, () => this.#podIdentity(end.pod));
      case 'node': {
        const isLocal = end.node !== undefined && end.node.name === fromNode;
        return this.#remember(`${isLocal ? 'host' : 'remote'} ${end.node?.name ?? ''} ${end.ip ?? ''}`, () => this.#nodeIdentity(end, isLocal));
      }
      case 'outside':
        return this.#remember(`outside ${end.ip}`, () => this.#outsideIdentity(end.ip));
      case 'name':
        return this.#remember(`name ${end.name}`, () => ({ ...plain(this.#worldLabel(4)), name: end.name }));
      case 'reserved':
        return this.#remember(`reserved ${end.name}`, () => plain(end.name));
    }
  }

  #remember(key: object | string, make: () => Identity): Identity {
    const known = this.#known.get(key);
    if (known) return known;
    const identity = make();
    this.#known.set(key, identity);
    return identity;
  }

  #podIdentity(pod: Pod): Identity {
    const own = Object.entries(pod.labels).filter(([key]) => !key.startsWith(ciliumPrefix));
    const all: [string, string][] = [
      ...own,
      ...Object.entries({ 'kubernetes.io/metadata.name': pod.namespace, ...this.#namespaces.get(pod.namespace) }).map(([key, value]): [string, string] => [`${namespaceLabels}.${key}`, value]),
      [podNamespace, pod.namespace],
      [serviceAccountLabel, pod.serviceAccount ?? 'default'],
      [clusterLabel, this.#clusterName],
    ];
    const labels = all.filter(([key]) => this.#filter(key, 'k8s')).map(([key, value]): [string, SourcedLabel] => [key, { source: 'k8s', value }]);
    const ports = pod.ports.flatMap(({ name, port, protocol }) => (name !== undefined && isPortName(name) ? [[name.toLowerCase(), { port, protocol }] as const] : []));
    return { labels: new Map(labels), isLocalHost: false, addresses: [], groups: [], name: undefined, ports: new Map(ports) };
  }

  #nodeIdentity({ node, ip }: { readonly node: Node | undefined; readonly ip?: string }, isLocal: boolean): Identity {
    const { nodeSelectorLabels = false, cidrMatchMode = [] } = this.#world.settings ?? {};
    const labels: [string, SourcedLabel][] = [reserved(isLocal ? 'host' : 'remote-node')];
    if (node?.isControlPlane) labels.push(reserved('kube-apiserver'));
    if (nodeSelectorLabels && node) {
      labels.push(...Object.entries(node.labels).map(([key, value]): [string, SourcedLabel] => [key, { source: 'node', value }]), [clusterLabel, { source: 'k8s', value: this.#clusterName }]);
    }
    // A remote node's addresses have an identity each; those of the local one share one.
    const texts = !cidrMatchMode.includes('nodes') || !node ? [] : isLocal ? node.addresses : [ip ?? node.addresses[0] ?? ''];
    const addresses = texts.map(parseAddress).filter((a): a is Address => a !== undefined);
    return { labels: new Map(labels), isLocalHost: isLocal, addresses, groups: this.#groupsOf(addresses), name: undefined, ports: noPorts };
  }

  #outsideIdentity(ip: string): Identity {
    const address = parseAddress(ip);
    if (!address) throw new NetworkError('NETWORK_BAD_FLOW', `"${ip}" is not an IP address`);
    const labels = [reserved(this.#worldLabel(address.family)), ...(this.#world.apiServerAddresses.includes(ip) ? [reserved('kube-apiserver')] : [])];
    return { labels: new Map(labels), isLocalHost: false, addresses: [address], groups: this.#groupsOf([address]), name: undefined, ports: noPorts };
  }

  #groupsOf(addresses: readonly Address[]): readonly CidrGroup[] {
    return this.#groups.filter((group) => group.prefixes.some((prefix) => addresses.some((address) => contains(prefix, address))));
  }

  /** getWorldLabel of pkg/labels/cidr.go, IPv4 being enabled. */
  #worldLabel(family: 4 | 6): string {
    if (family === 6) return 'world-ipv6';
    return this.#world.settings?.ipv6 ? 'world-ipv4' : 'world';
  }

  #findPod(namespace: string, name: string): End {
    const pod = this.#podsByName.get(`${namespace}/${name}`);
    if (!pod) {
      const others = this.#world.pods.filter((p) => p.namespace === namespace).map((p) => p.name);
      throw new NetworkError('NETWORK_UNKNOWN_ENDPOINT', `pod ${namespace}/${name} is not in the world: ${others.length > 0 ? `namespace ${namespace} has ${listed(others)}` : `it has no pods in namespace ${namespace}`}`);
    }
    return pod.hostNetwork ? { kind: 'node', node: this.#nodesByName.get(pod.node ?? '') } : { kind: 'pod', pod };
  }

  #findAddress(ip: string): End {
    const service = this.#world.services.find((s) => s.clusterIps.includes(ip));
    if (service) throw new NetworkError('NETWORK_BAD_FLOW', `${ip} is the address of service ${service.namespace}/${service.name}: policies see its backends, ask about one of them`);
    return this.#endsByAddress.get(ip) ?? { kind: 'outside', ip };
  }

  #findApiServer(): End {
    const [ip] = this.#world.apiServerAddresses;
    if (ip !== undefined) return this.#findAddress(ip);
    const node = this.#world.nodes.find((n) => n.isControlPlane);
    if (!node) throw new NetworkError('NETWORK_UNKNOWN_ENDPOINT', 'the world has neither apiServerAddresses nor a control plane node: add one of them');
    return { kind: 'node', node };
  }
}

function reserved(name: string): [string, SourcedLabel] {
  return [name, { source: 'reserved', value: '' }];
}

function plain(name: string): Identity {
  return { labels: new Map([reserved(name)]), isLocalHost: false, addresses: [], groups: [], name: undefined, ports: noPorts };
}

function listed(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ') || 'none';
}
