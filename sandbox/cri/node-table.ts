/**
 * The server's own nftables table: what leaves the node is masqueraded, host ports are forwarded to pods.
 *
 * Pods have routable addresses: the OpenStack cloud controller manager sets a router route per node. So traffic between pods
 * keeps its source address. Masqueraded is what goes out of the node's device
 * - to the node's own subnet (nodes, load balancer addresses), so that pods reach the API server before any route is set;
 * - to anything that is not a private network (RFC 1918, RFC 6598), as ip-masq-agent does by default: the cloud's API, the outside.
 */

export interface HostPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostPort: number;
  /** Empty for every address of the server. */
  readonly hostIp: string;
  readonly podIp: string;
  readonly containerPort: number;
}

export interface NodeTable {
  readonly podCidr: string;
  readonly device: string;
  /** The server's addresses in CIDR form, the subnet's prefix length included. */
  readonly addresses: readonly string[];
  readonly hostPorts: readonly HostPort[];
}

const privateNetworks = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16'];

/** A transaction for `nft -f -` that replaces the table as a whole. */
export function nodeTable({ podCidr, device, addresses, hostPorts }: NodeTable): string {
  const local = addresses.map((address) => address.split('/')[0] ?? address);
  const forwards = hostPorts.map(({ protocol, hostPort, hostIp, podIp, containerPort }) =>
    `    ip daddr ${hostIp === '' || hostIp === '0.0.0.0' ? `{ ${local.join(', ')} }` : hostIp} ${protocol} dport ${hostPort} dnat to ${podIp}:${containerPort}`);
  return [
    'table ip keelson',
    'delete table ip keelson',
    'table ip keelson {',
    '  chain host-ports-in {',
    '    type nat hook prerouting priority -100; policy accept;',
    ...forwards,
    '  }',
    '  chain host-ports-out {',
    '    type nat hook output priority -100; policy accept;',
    ...forwards,
    '  }',
    '  chain outbound {',
    '    type nat hook postrouting priority 100; policy accept;',
    `    oifname != "${device}" return`,
    `    ip saddr != ${podCidr} return`,
    ...(addresses.length > 0 ? [`    ip daddr { ${addresses.map(subnet).join(', ')} } masquerade`] : []),
    `    ip daddr { ${privateNetworks.join(', ')} } return`,
    '    masquerade',
    '  }',
    '}',
    '',
  ].join('\n');
}

/** The network of an address: 10.10.0.5/24 → 10.10.0.0/24. */
export function subnet(address: string): string {
  const [host = '', length = '32'] = address.split('/');
  const bits = Number(length);
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  return `${toDotted((toNumber(host) & mask) >>> 0)}/${bits}`;
}

/** The n-th address of a network, 0 being the network's own. */
export function nthAddress(cidr: string, n: number): string {
  return toDotted(toNumber(subnet(cidr).split('/')[0] ?? '') + n);
}

/** How many addresses an IPv4 network has. */
export function networkSize(cidr: string): number {
  return 2 ** (32 - Number(cidr.split('/')[1] ?? 32));
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function toDotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}
