/** The configuration of net-exporter: one schema, and the flags of the exporter it replaces as another way to set its keys. */
import { z } from 'zod';
import type { Flag } from '../core/flags.ts';
import { absolute, serverSettings } from '../core/settings.ts';

const name = z.string().min(1);
const port = z.int().min(1).max(65535);
const ip = z.union([z.ipv4(), z.ipv6()], { error: 'must be an IPv4 or IPv6 address, without a port' });
const seconds = (by: number, what: string): z.ZodDefault<z.ZodNumber> => z.number().positive().default(by).describe(what);
/** Names of nodes, zones and targets end up in labels and in pages. */
const label = z.string().min(1).max(253);
/** A name that DNS can be asked for. */
export const dnsName = z.string().min(1).max(254).regex(/^(\.|[^.\s]{1,63}(\.[^.\s]{1,63})*\.?)$/, 'must be a DNS name: labels of at most 63 characters between dots');

const node = z.strictObject({
  name: z.string().max(253).default('').describe('Name of this node; from the environment variable NODE_NAME when empty.'),
  zone: z.string().max(253).default('').describe('Zone of this node; from NODE_ZONE, or from its own endpoint in the EndpointSlices, when empty.'),
});

const peer = z.strictObject({
  node: label.describe('Name of the node.'),
  zone: z.string().max(253).default('').describe('Its zone.'),
  address: ip.describe('IP address of the exporter there.'),
  port: port.optional().describe('TCP port, where it is not mesh.port.'),
  udpPort: port.optional().describe('UDP port, where it is not mesh.udpPort.'),
});

const mesh = z.strictObject({
  enabled: z.boolean().default(true).describe('Probe other nodes.'),
  namespace: z.string().default('').describe('Namespace of the Service whose EndpointSlices name the peers; from POD_NAMESPACE, or else "keelson-system", when empty.'),
  service: name.default('net-exporter').describe('That Service.'),
  peers: z.array(peer).default([]).describe('Peers named here instead, for places without Kubernetes: no API server is asked for anything then. An entry for this node itself says its zone and is not probed; several entries of one node are its addresses.'),
  port: port.default(8000).describe('TCP port of peers: where they serve HTTP.'),
  udpPort: port.default(8001).describe('UDP port of the echo server, here and at peers.'),
  ipFamilies: z.enum(['all', 'ipv4', 'ipv6']).default('all').describe('Addresses of which family are probed; of a dual-stack peer the first of each.'),
  ownZonePeers: z.int().min(1).max(16).default(2).describe('Peers that are watched in the own zone: the next ones on the ring.'),
  otherZonePeers: z.int().min(0).max(16).default(1).describe('Peers that are watched in each other zone.'),
  maxOtherZones: z.int().min(0).max(32).default(4).describe('Other zones that are watched at most.'),
  fullMeshUpTo: z.int().min(0).max(128).default(16).describe('Clusters of up to so many nodes watch every peer.'),
  witnesses: z.int().min(0).max(8).default(2).describe('Further peers of a zone that are asked in the same round when none of those watched there answers: tells a dead node from an unreachable zone.'),
  datagrams: z.int().min(2).max(100).default(16).describe('Small datagrams to each peer in a round; with the large ones a train of 20.'),
  largeDatagrams: z.int().min(0).max(100).default(4).describe('Datagrams near the MTU to each peer in a round; 0 sends none.'),
  largeBytes: z.int().min(0).max(65_507).default(0).describe('Payload of those; 0 takes the MTU of the own interface without the headers.'),
  spacingMs: z.int().min(1).max(1000).default(10).describe('Milliseconds for each datagram to a peer; four go together, and then there is a pause of four times as long.'),
  echoPerSecond: z.int().min(1).default(2000).describe('Datagrams that the echo server answers at most in a second.'),
  timeoutSeconds: seconds(1, 'Longest wait for a connection or for a datagram.'),
  http: z.boolean().default(false).describe('Ask each peer for /healthz over HTTP too.'),
});

const service = z.strictObject({
  enabled: z.boolean().default(true).describe('Probe Service addresses: the way through kube-proxy or what stands in its place.'),
  address: z.union([ip, z.literal('')]).default('').describe('ClusterIP of the own Service; from the environment that the kubelet sets, or by its name from the DNS Service, when empty.'),
  port: port.default(8000).describe('Port of the own Service.'),
  apiServer: z.boolean().default(true).describe('Probe the Kubernetes API by its Service address, from KUBERNETES_SERVICE_HOST.'),
  timeoutSeconds: seconds(1, 'Longest wait for a connection.'),
});

const dnsServer = z.strictObject({
  name: label.describe('Name in the label "server".'),
  address: ip.describe('Its IP address.'),
  port: port.default(53).describe('Its port.'),
  role: z.enum(['service', 'pod', 'node_local']).default('service').describe('service: stands before others; pod: one of those behind it; node_local: a cache on the node.'),
});

const dns = z.strictObject({
  enabled: z.boolean().default(true).describe('Ask DNS servers.'),
  names: z.array(dnsName).min(1).default(['kubernetes.default.svc.cluster.local.']).describe('Names to resolve. They are asked for as they are, without search domains. A name outside of the cluster tests what the servers forward to.'),
  clusterDomain: dnsName.default('cluster.local').describe('Domain of the cluster, to find the own Service by name.'),
  address: z.union([ip, z.literal('')]).default('').describe('Address of the DNS Service; the first nameserver of /etc/resolv.conf when empty.'),
  namespace: name.default('kube-system').describe('Namespace of the DNS Service.'),
  service: name.default('kube-dns').describe('The DNS Service, whose EndpointSlices name the pods.'),
  pods: z.boolean().default(true).describe('Ask each pod behind the Service.'),
  maxPods: z.int().min(1).max(100).default(3).describe('Pods that are asked at most: a selection of its own on each node, by hash.'),
  nodeLocalAddress: z.union([ip, z.literal('')]).default('').describe('Address of a node-local cache (169.254.20.10 where NodeLocal DNSCache runs); none is asked when empty.'),
  servers: z.array(dnsServer).default([]).describe('Servers named here instead of the Service and its pods: no API server is asked for them then.'),
  tcp: z.boolean().default(true).describe('Ask over TCP too.'),
  ipv6: z.boolean().default(true).describe('Ask for AAAA too; a name is resolved when either family has an address.'),
  timeoutSeconds: seconds(2, 'Longest wait for an answer.'),
  slowSeconds: seconds(0.5, 'A server is slow when its fastest answer of a round took longer.'),
});

const ntp = z.strictObject({
  servers: z.array(z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(:\d{1,5})?$/, 'must be a name or an address, with a port if it is not 123')).default([]).describe('NTP servers, by name or address, with ":port" if it is not 123. None are asked unless named: public pools want to know who asks.'),
  samples: z.int().min(1).max(8).default(2).describe('Queries to a server in a round; the one with the shortest round trip counts.'),
  intervalSeconds: seconds(15, 'Seconds between two rounds; raise it for servers that are not yours.'),
  timeoutSeconds: seconds(1, 'Longest wait for an answer.'),
  maxOffsetSeconds: seconds(0.5, 'The verdict clock_off holds from this offset on.'),
});

const common = { name: label.describe('Name in the label "target".'), timeoutSeconds: seconds(5, 'Longest wait.') };
const target = z.discriminatedUnion('type', [
  z.strictObject({ ...common, type: z.literal('tcp'), host: name.describe('Name or address.'), port: port.describe('Its port.') }),
  z.strictObject({
    ...common, type: z.literal('http'), url: z.url({ protocol: /^https?$/, error: 'must be a URL with http or https' }).describe('What to get.'),
    statuses: z.array(z.int().min(100).max(599)).default([]).describe('Statuses that are expected; any below 400 when empty.'),
    caFile: absolute.optional().describe('PEM of the authorities to verify against; those of the system by default.'),
    insecure: z.boolean().default(false).describe('Do not verify the certificate; its expiry is still told.'),
  }),
  z.strictObject({
    ...common, type: z.literal('dns'), server: ip.describe('Address of the DNS server.'), port: port.default(53).describe('Its port.'),
    query: dnsName.describe('Name to ask for.'), tcp: z.boolean().default(false).describe('Ask over TCP.'),
  }),
]);

const thresholds = z.strictObject({
  lossRatio: z.number().positive().max(1).default(0.02).describe('packet_loss holds from this loss on, over four rounds, if at least two datagrams were lost.'),
  slowFactor: z.number().min(1).default(2).describe('slow_peer holds when the round trip is so many times what it was …'),
  slowExtraSeconds: seconds(0.01, '… and at least so much longer.'),
});

export const schema = z.strictObject({
  address: z.string().default(':8000').describe('host:port to listen on with HTTP; the UDP echo server listens on the same host, at mesh.udpPort.'),
  ...serverSettings,
  intervalSeconds: z.number().min(1).default(15).describe('Seconds between two rounds of each kind of probe, give or take a tenth.'),
  node: node.prefault({}).describe('Which node this is.'),
  mesh: mesh.prefault({}).describe('Probes between the nodes.'),
  service: service.prefault({}).describe('Probes of Service addresses.'),
  dns: dns.prefault({}).describe('Probes of DNS servers.'),
  ntp: ntp.prefault({}).describe('Probes of NTP servers.'),
  targets: z.array(target).default([]).describe('Probes of anything else, inside or outside: APIs of the cloud, a registry, a proxy.'),
  matrix: z.strictObject({
    enabled: z.boolean().default(true).describe('Serve /matrix and /row.'),
    maxPeers: z.int().min(1).default(256).describe('Peers that are asked at most.'),
    concurrency: z.int().min(1).max(256).default(16).describe('Peers that are asked at the same time.'),
    deadlineSeconds: seconds(3, 'After so long the matrix is drawn with what came.'),
  }).prefault({}).describe('The whole mesh as one picture, drawn from what the peers answer.'),
  thresholds: thresholds.prefault({}).describe('From where on a measured value is a fault.'),
}).superRefine((config, context) => {
  const refuse = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  const { mesh: m, dns: d, ntp: n, targets } = config;
  if (m.enabled && m.timeoutSeconds * 1000 + m.spacingMs * (m.datagrams + m.largeDatagrams) > config.intervalSeconds * 500) {
    refuse(['mesh'], `a round would take more than half of the interval of ${config.intervalSeconds} s: lower datagrams, spacingMs or timeoutSeconds, or raise intervalSeconds`);
  }
  if (d.enabled && d.timeoutSeconds > config.intervalSeconds / 2) refuse(['dns', 'timeoutSeconds'], `must be at most half of intervalSeconds (${config.intervalSeconds / 2})`);
  if (n.servers.length > 0 && n.timeoutSeconds * n.samples > n.intervalSeconds) refuse(['ntp'], 'samples × timeoutSeconds must be at most intervalSeconds');
  for (const [path, names] of Object.entries({ 'mesh.peers': m.peers.map((one) => `${one.node} ${one.address}`), 'dns.servers': d.servers.map((one) => one.name), targets: targets.map((one) => one.name), 'ntp.servers': n.servers })) {
    const twice = names.find((one, i) => names.indexOf(one) !== i);
    if (twice !== undefined) refuse(path.split('.'), `"${twice}" is there twice`);
  }
});

export type Config = z.output<typeof schema>;

/** The first eleven have names and meaning as in giantswarm/net-exporter. */
export const flags: readonly Flag[] = [
  { name: 'hosts', kind: 'list', key: ['dns', 'names'], help: 'names to resolve, separated by commas' },
  { name: 'dns-service', kind: 'string', key: ['dns', 'service'], help: 'DNS Service ("kube-dns")' },
  { name: 'dns-namespace', kind: 'string', key: ['dns', 'namespace'], help: 'its namespace ("kube-system")' },
  { name: 'disable-dns-tcp-check', kind: 'boolean', key: ['dns', 'tcp'], isNegated: true, help: 'do not ask DNS over TCP (false)' },
  { name: 'namespace', kind: 'string', key: ['mesh', 'namespace'], help: 'namespace of the own Service' },
  { name: 'service', kind: 'string', key: ['mesh', 'service'], help: 'the own Service ("net-exporter")' },
  { name: 'port', kind: 'number', key: ['mesh', 'port'], also: [['service', 'port']], help: 'port of peers and of the own Service (8000)' },
  { name: 'ntp-servers', kind: 'list', key: ['ntp', 'servers'], help: 'NTP servers, separated by commas; none by default' },
  { name: 'timeout', kind: 'seconds', key: ['mesh', 'timeoutSeconds'], also: [['service', 'timeoutSeconds']], help: 'longest wait for a connection, as "500ms" or "1s" (1s)' },
  { name: 'address', kind: 'string', key: ['address'], help: 'host:port to listen on (":8000")' },
  { name: 'node-name', kind: 'string', key: ['node', 'name'], help: 'name of this node; NODE_NAME by default' },
  { name: 'zone', kind: 'string', key: ['node', 'zone'], help: 'its zone; by its own endpoint by default' },
  { name: 'kubeconfig', kind: 'string', key: ['kubeconfig'], help: 'kubeconfig, outside of a pod' },
  { name: 'log-level', kind: 'string', key: ['logLevel'], help: 'debug, info, warn or error ("info")' },
];
