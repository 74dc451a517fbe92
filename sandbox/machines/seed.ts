/** Everything a server is told before it boots, as files of its seed directory. Pure: path → text. */
import type { MetaData } from './cloud-init/instance-data.ts';
import type { Hypervisor } from '../openstack/seams.ts';
import { cpuFiles, meminfo } from './flavor-files.ts';
import { kernelConfig, toolsOf, type NodeImage } from './node-images.ts';

export type ServerSpec = Parameters<Hypervisor['boot']>[0];

/** Paths on the machine that a server has bound into it. */
export interface HostPaths {
  /** Scripts and configuration of the node image. */
  readonly nodeImageDir: string;
  /** Bundles of `programs.ts`. */
  readonly programsDir: string;
  /** Node.js. */
  readonly node: string;
  /** Unpacked image layers, shared by all servers. */
  readonly layersDir: string;
  /** OCI layouts, one directory each; undefined where there are none. */
  readonly imagesDir: string | undefined;
  /** False: the server finds the machine's control groups read-only and makes none. */
  readonly hasCgroups: boolean;
  /** Path below /opt/keelson → the file there, links resolved: `tools/helm`, `tools-v1.35.4/kubelet`. */
  readonly tools: Readonly<Record<string, string>>;
}

export function seedFiles(server: ServerSpec, image: NodeImage, paths: HostPaths): Readonly<Record<string, string>> {
  const meta: MetaData = { uuid: server.id, name: server.name, hostname: server.hostname, availability_zone: server.zone };
  return {
    'boot.env': shellVariables({ HOSTNAME: server.hostname, IMAGE: image.name, FLAVOR: server.flavor.name, KUBERNETES: toolsOf(image.kubernetesVersion), NODE_IMAGE: paths.nodeImageDir, PROGRAMS: paths.programsDir, NODE: paths.node, LAYERS: paths.layersDir, IMAGES: paths.imagesDir ?? '', CGROUPS: paths.hasCgroups ? 'rw' : 'ro', CONFIG_DRIVE: server.configDrive ? 'yes' : '' }),
    'network.batch': networkBatch(server),
    tools: Object.entries(paths.tools).map(([name, path]) => `${name}\t${path}\n`).join(''),
    volumes: (server.volumes ?? []).filter((volume) => !volume.isRoot).map((volume) => `${volume.id} ${volume.device}\n`).join(''),
    hosts: hosts(server),
    hostname: `${server.hostname}\n`,
    'resolv.conf': resolvConf(server),
    'os-release': image.osRelease,
    'machine-id': `${server.id.replaceAll('-', '')}\n`,
    product_uuid: `${server.id}\n`,
    'kernel-config': kernelConfig,
    meminfo: meminfo(server.flavor),
    ...Object.fromEntries(Object.entries(cpuFiles(server.flavor)).map(([path, text]) => [`cpu/${path}`, text])),
    'meta_data.json': `${JSON.stringify(meta, null, 2)}\n`,
    user_data: server.userData,
  };
}

/** What DHCP would say, as an `ip -batch` script. The first port with a gateway has the default route. */
export function networkBatch({ ports }: ServerSpec): string {
  const leading = ports.findIndex((port) => port.gateway !== undefined);
  return ports.flatMap((port, i) => [
    `address add ${port.address}/${port.prefixLength} dev eth${i}`,
    `link set dev eth${i} up`,
    ...port.hostRoutes.map((route) => `route replace ${route.destination} via ${route.nexthop} dev eth${i}`),
    ...(i === leading && port.gateway ? [`route replace default via ${port.gateway} dev eth${i}`] : []),
  ]).map((line) => `${line}\n`).join('');
}

function hosts({ hostname, ports }: ServerSpec): string {
  return ['127.0.0.1 localhost', '::1 localhost ip6-localhost ip6-loopback', `${ports[0]?.address ?? '127.0.1.1'} ${hostname}`, ''].join('\n');
}

/** Neutron's DHCP hands out its own address where a subnet has no name servers; here that is the gateway. */
function resolvConf({ ports }: ServerSpec): string {
  const servers = [...new Set(ports.flatMap((port) => port.dnsServers))];
  const fallback = ports.map((port) => port.gateway).filter((gateway) => gateway !== undefined).slice(0, 1);
  return (servers.length > 0 ? servers : fallback).map((server) => `nameserver ${server}\n`).join('');
}

function shellVariables(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables).map(([name, value]) => `${name}='${value.replaceAll("'", `'\\''`)}'\n`).join('');
}
