/** net-exporter as a program of the field: its configuration for a node, with the peers named instead of watched. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { NodeProgram } from './field.ts';
import { exporterPort, ntpAddresses, services, type Host, type Topology } from './topology.ts';

const inCheckout = join(import.meta.dirname, '../../../../exporters/net/main.ts');

/** Time is everything that differs between a test and life. */
export type Pace = 'as in life' | 'every second';

/** At the pace of a test a round must fit into half a second; at that of life everything is the program's default. */
const paces: Record<Pace, { top: object; mesh: object; dns: object; ntp: object; service: object }> = {
  'as in life': { top: {}, mesh: {}, dns: {}, ntp: {}, service: {} },
  'every second': {
    top: { intervalSeconds: 1 }, mesh: { timeoutSeconds: 0.25, spacingMs: 5 }, service: { timeoutSeconds: 0.25 },
    dns: { timeoutSeconds: 0.5, slowSeconds: 0.2 }, ntp: { intervalSeconds: 1, timeoutSeconds: 0.25 },
  },
};

export interface Variant {
  /** Of the program in its nodes; two variants need two names and two ports. */
  readonly name: string;
  readonly pace: Pace;
  readonly port?: number;
  /** Of its metrics in Prometheus, where they are not to meet the rules. */
  readonly prefix?: string;
  /** Over the section `mesh`. */
  readonly mesh?: object;
  /** One name and no time servers, as where nobody says otherwise. */
  readonly isDefault?: boolean;
  /** All nodes in one zone, as for an exporter that knows none. */
  readonly hasNoZones?: boolean;
  /** The program; that of the checkout unless told. */
  readonly main?: string;
}

/** A part of the world is reached by IPv6: the nodes of zone c, one DNS pod, one time server. */
const addressOf = (host: Host): string => (host.zone === 'c' || host.name === 'dns-2' ? host.address6 : host.address);

/** The file as an operator would write it. */
export function configOf(node: Host, { nodes, dns, ntp }: Topology, { pace, port = exporterPort, mesh = {}, hasNoZones = false, isDefault = false }: Variant): object {
  const { top, ...by } = paces[pace];
  const zoneOf = (host: Host): string => (hasNoZones ? '' : host.zone);
  return {
    ...top,
    address: `:${port}`,
    node: { zone: zoneOf(node) },
    mesh: { ...by.mesh, port, udpPort: port + 1, peers: nodes.map((peer) => ({ node: peer.name, zone: zoneOf(peer), address: addressOf(peer) })), ...mesh },
    service: { ...by.service, address: services.exporter, port, apiServer: false },
    dns: {
      ...by.dns,
      ...(isDefault ? {} : { names: ['kubernetes.default.svc.cluster.local.', 'giantswarm.io.'] }),
      servers: [{ name: 'kube-dns', address: services.dns, role: 'service' }, ...dns.map((pod) => ({ name: pod.name, address: addressOf(pod), role: 'pod' }))],
    },
    ...(isDefault ? {} : { ntp: { ...by.ntp, servers: [...ntpAddresses.slice(0, 2), `[${ntp.address6}]`] } }),
  };
}

/** Writes the files of all nodes; their names come by the environment, as the manifest has it. @param folder anywhere: the world sees the machine's file system */
export async function netExporter(folder: string, field: Topology, variant: Variant): Promise<NodeProgram> {
  const fileFor = (node: Host): string => join(folder, variant.name, `${node.name}.yaml`);
  await mkdir(join(folder, variant.name), { recursive: true });
  for (const node of field.nodes) await writeFile(fileFor(node), stringify(configOf(node, field, variant)));
  return { name: variant.name, argv: (node) => ['env', `NODE_NAME=${node.name}`, process.execPath, variant.main ?? inCheckout, '--config', fileFor(node)], ready: '"port":\\s*\\d+' };
}
