/**
 * The field as data: nodes in zones, servers, addresses, and the commands that make it. One flat network, as a fabric
 * that routes any pod to any pod; a bridge per zone, joined by a bridge in the middle. The world's root is on the middle
 * one, from where everything is scraped. Every frame of a node passes its tap in the root, so that faults live there.
 */

export interface Host {
  /** Name of its network namespace, too. */
  readonly name: string;
  /** Empty: in the middle, outside of all zones. */
  readonly zone: string;
  readonly address: string;
  readonly address6: string;
  /** More addresses of the same host. */
  readonly more?: readonly string[];
}

export interface Topology {
  readonly zones: readonly string[];
  readonly nodes: readonly Host[];
  readonly dns: readonly Host[];
  readonly ntp: Host;
}

/** Service addresses, translated inside of every node as kube-proxy does. */
export const services = { dns: '10.202.0.10', exporter: '10.202.0.20', dns6: 'fd00:202::10', exporter6: 'fd00:202::20' } as const;
export const exporterPort = 8000;
/** The world's root on the middle bridge: the scraper. */
export const scraper = { address: '10.201.0.1', address6: 'fd00:201::1' } as const;
/** Three servers, one host: the median decides. */
export const ntpAddresses = ['10.201.0.41', '10.201.0.42', '10.201.0.43'] as const;

/** @param perZone nodes in each of three zones */
export function topology(perZone = 3): Topology {
  const zones = ['a', 'b', 'c'];
  const nodes = zones.flatMap((zone, z) => Array.from({ length: perZone }, (_, i) => host(`node-${zone}${i + 1}`, zone, [z + 1, 10 + i])));
  const dns = ['a', 'b'].map((zone, i) => host(`dns-${i + 1}`, zone, [i + 1, 200]));
  return { zones, nodes, dns, ntp: { ...host('time', '', [0, 41]), more: ntpAddresses.slice(1) } };
}

function host(name: string, zone: string, [third, fourth]: [number, number]): Host {
  return { name, zone, address: `10.201.${third}.${fourth}`, address6: `fd00:201::${third}:${fourth}` };
}

export const hostsOf = ({ nodes, dns, ntp }: Topology): readonly Host[] => [...nodes, ...dns, ntp];

/** The end of a host's veth pair that is in the root. */
export const tapOf = ({ name }: Pick<Host, 'name'>): string => `t-${name}`;
export const bridgeOf = ({ zone }: Pick<Host, 'zone'>): string => (zone === '' ? 'middle' : `zone-${zone}`);

/** Lines for `ip -batch` in the world's root. */
export function rootLines(field: Topology): readonly string[] {
  const bridge = (name: string): string => `link add name ${name} type bridge forward_delay 0 stp_state 0 mcast_snooping 0`;
  return [
    bridge('middle'), 'link set dev middle up',
    `addr add ${scraper.address}/16 dev middle`, `addr add ${scraper.address6}/64 dev middle nodad`,
    ...field.zones.flatMap((zone) => [
      bridge(`zone-${zone}`), `link set dev zone-${zone} up`,
      `link add name up-${zone} type veth peer name down-${zone}`,
      `link set dev up-${zone} master middle up`, `link set dev down-${zone} master zone-${zone} up`,
    ]),
    ...hostsOf(field).flatMap((one) => [
      `netns add ${one.name}`,
      `link add name ${tapOf(one)} type veth peer name eth0 netns ${one.name}`,
      `link set dev ${tapOf(one)} master ${bridgeOf(one)} up`,
    ]),
  ];
}

/** Lines for `ip -n <host> -batch`. */
export function hostLines({ address, address6, more = [] }: Host): readonly string[] {
  return [
    'link set dev lo up',
    ...[address, ...more].map((one) => `addr add ${one}/16 dev eth0`), `addr add ${address6}/64 dev eth0 nodad`,
    'link set dev eth0 up', `route add default via ${scraper.address}`, `route add default via ${scraper.address6}`,
  ];
}

/** nft script of a node: each Service goes to one of its endpoints by chance, as kube-proxy has it. */
export function serviceRules({ nodes, dns }: Topology): string {
  const to = (version: 'ip' | 'ip6', service: string, endpoints: readonly string[]): string => `    ${version} daddr ${service} dnat to numgen random mod ${endpoints.length} map { ${endpoints.map((one, i) => `${i} : ${one}`).join(', ')} }\n`;
  const chain = (version: 'ip' | 'ip6', rules: string): string => `table ${version} services {\n  chain output {\n    type nat hook output priority -100;\n${rules}  }\n}\n`;
  return chain('ip', to('ip', services.dns, dns.map((one) => one.address)) + to('ip', services.exporter, nodes.map((one) => one.address)))
    + chain('ip6', to('ip6', services.dns6, dns.map((one) => one.address6)) + to('ip6', services.exporter6, nodes.map((one) => one.address6)));
}
