/** The external network of the sandbox: one bridge in the world's namespace, whose addresses are the outside, the cloud's API, the pager and the time server. */
import { attempt, ipBatch, run } from './command.ts';
import { bridgeName, externalBridge } from './names.ts';
import { sysctlScript } from './namespace.ts';

/** RFC 5737 TEST-NET-2: an address that leaks out of the sandbox leads nowhere. Fixed in docs/architecture.md. */
export const externalNetwork = {
  cidr: '198.51.100.0/24',
  prefixLength: 24,
  /** Next hop of routers, and the source of everything that the user does from outside. */
  outside: '198.51.100.1',
  api: '198.51.100.2',
  pager: '198.51.100.3',
  /** The time server (NTP). */
  time: '198.51.100.4',
} as const;

/** Its own address: a bridge without one takes the lowest of its ports', and changes it when that port leaves. */
const externalMac = 'fa:17:00:00:00:01';

/** Settings of the world's own namespace, which holds all bridges: it forwards nothing, and its devices need no IPv6 addresses. */
const sysctls = { 'net/ipv4/ip_forward': '0', 'net/ipv4/conf/all/rp_filter': '0', 'net/ipv6/conf/all/disable_ipv6': '1', 'net/ipv6/conf/default/disable_ipv6': '1' };

/** Makes the bridge with its addresses, in the network namespace of this process. */
export async function ensureExternalBridge(): Promise<void> {
  await run('sh', ['-ec', sysctlScript(sysctls)], { on: 'external network' });
  const there = await attempt('ip', ['link', 'show', 'dev', externalBridge]);
  if (there.kind === 'ok') return;
  const { outside, api, pager, time, prefixLength } = externalNetwork;
  await ipBatch([
    `link add name ${externalBridge} address ${externalMac} mtu 1500 type bridge forward_delay 0 stp_state 0 mcast_snooping 0`,
    ...[outside, api, pager, time].map((address) => `addr add ${address}/${prefixLength} dev ${externalBridge}`),
    `link set dev ${externalBridge} up`,
  ], { on: 'external network' });
}

/** Gives the bridge the name that follows from the network's id as well, so that every port finds its bridge by one rule. */
export async function nameExternalBridge(networkId: string): Promise<void> {
  const shown = await run('ip', ['link', 'show', 'dev', externalBridge]);
  if (shown.includes(`altname ${bridgeName(networkId)}`)) return;
  await ipBatch([`link property add dev ${externalBridge} altname ${bridgeName(networkId)}`], { on: `external network ${networkId}` });
}

/** Takes that second name away again; the bridge stays, the API and the pager are reached over it. */
export async function unnameExternalBridge(networkId: string): Promise<void> {
  await attempt('ip', ['link', 'property', 'del', 'dev', externalBridge, 'altname', bridgeName(networkId)]);
}

/** Takes the bridge away. */
export async function removeExternalBridge(): Promise<void> {
  await attempt('ip', ['link', 'del', 'dev', externalBridge]);
}
