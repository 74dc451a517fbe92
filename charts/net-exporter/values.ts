/** Values of the chart net-exporter: the exporter's own configuration, probe by probe, and how its pods run. */
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { schema as certSchema } from '../../exporters/cert/config.ts';
import { schema } from '../../exporters/net/config.ts';
import { boards, exporterServer, image, networkPolicy, ownRules, placement, resources, serviceMonitor } from '../render/fragments.ts';

const path = z.string().regex(/^\//);
const probes = schema.shape;
/** What the chart itself decides: whom to ask, where to listen. */
const set = { namespace: true, service: true, peers: true, port: true, udpPort: true } as const;

export const values = z.object({
  image: image('ghcr.io', 'keelson/net-exporter', packageJson.version),
  intervalSeconds: probes.intervalSeconds,
  mesh: probes.mesh.unwrap().omit(set).prefault({}).describe('Probes between the nodes.'),
  service: probes.service.unwrap().omit({ port: true }).prefault({}).describe('Probes of Service addresses.'),
  dns: probes.dns,
  ntp: probes.ntp,
  targets: probes.targets,
  matrix: probes.matrix,
  thresholds: probes.thresholds,
  ipFamilyPolicy: z.enum(['', 'SingleStack', 'PreferDualStack', 'RequireDualStack']).default('').describe('Of the Service: with two families, peers are probed over both. Empty: as the cluster decides.'),
  ipFamilies: z.array(z.enum(['IPv4', 'IPv6'])).max(2).default([]).describe('Families of the Service, the first one its main one. None: as the cluster decides.'),
  certificates: certSchema.shape.files
    .unwrap()
    .extend({
      enabled: z.boolean().default(false).describe('Watch certificates in files of every node in the same process, instead of with the DaemonSet of the chart cert-exporter (files.enabled: false there). The pod then mounts directories of the node and runs as user 0.'),
      directories: z.array(path).default(['/etc/kubernetes/pki', '/var/lib/kubelet/pki']).describe('Directories of the node, read with everything below them; mounted read-only under the same path.'),
      globs: z.array(path).default([]).describe('Patterns of files in those directories: * and ? within a name, ** over folders, {a,b}. Nothing else of the node is mounted.'),
      exclude: z.array(path).default(['/var/lib/kubelet/pki/kubelet-*-20*.pem']).describe('Patterns of files to leave out: * within a name, ** over folders.'),
    })
    .prefault({})
    .describe('cert-exporter in the same process.'),
  resources: resources({ cpu: '10m', memory: '64Mi' }, { memory: '160Mi' }),
  ...exporterServer,
  serviceMonitor: serviceMonitor
    .unwrap()
    .extend({ interval: z.string().regex(/^[0-9]+(ms|s|m|h)$/).default('15s').describe('How often metrics are read: as often as probes are made. What the alerts promise in detectWithin counts on it.') })
    .prefault({})
    .describe('Metrics for prometheus-operator.'),
  rules: ownRules('the network'),
  dashboard: boards('The boards on the network.', 'A ConfigMap with the boards on the network, for the sidecar of a Grafana: one of all clusters, which reads what the rules record, and one of a single cluster, which reads what its pods write.'),
  networkPolicy: networkPolicy(),
  ...placement([{ operator: 'Exists' }]),
});
