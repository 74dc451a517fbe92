/** Values of the chart cert-exporter: the exporter's own configuration, source by source, and how its pods run. */
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { schema } from '../../exporters/cert/config.ts';
import { boards, exporterServer, image, networkPolicy, ownRules, placement, resources, serviceMonitor, tolerations } from '../render/fragments.ts';

const path = z.string().regex(/^\//);
const sources = schema.shape;
const apiServerOfKubeadm = { address: '$(NODE_IP):6443', caFile: '/etc/kubernetes/pki/ca.crt', servesFile: '/etc/kubernetes/pki/apiserver.crt', onlyWithFile: true };
const kubernetesObjects = z.array(z.looseObject({ name: z.string().min(1) }));

export const values = z.object({
  image: image('ghcr.io', 'keelson/cert-exporter', packageJson.version),
  files: sources.files
    .unwrap()
    .extend({
      enabled: z.boolean().default(true).describe('Watch files of every node, with a DaemonSet.'),
      directories: z.array(path).default(['/etc/kubernetes/pki', '/var/lib/kubelet/pki']).describe('Directories of the node, read with everything below them; mounted read-only under the same path.'),
      globs: z.array(path).default([]).describe('Patterns of files in those directories: * and ? within a name, ** over folders, {a,b}. Nothing else of the node is mounted.'),
      exclude: z.array(path).default(['/var/lib/kubelet/pki/kubelet-*-20*.pem']).describe('Patterns of files to leave out: * within a name, ** over folders. The default leaves out what the kubelet has rotated away and never deletes; the links kubelet-client-current.pem and kubelet-server-current.pem stay.'),
      resources: resources({ cpu: '10m', memory: '64Mi' }, { memory: '160Mi' }),
    })
    .prefault({})
    .describe('Certificates in files.'),
  cluster: z
    .object({
      replicas: z.int().min(1).max(3).default(1).describe('Pods of the Deployment that watches everything but files. Each watches by itself; from two on a disruption budget keeps one.'),
      resources: resources({ cpu: '10m', memory: '80Mi' }, { memory: '256Mi' }),
      tolerations: tolerations([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]).describe('Taints its pods bear. Not all of them: a pod that bears every taint goes back onto the node that is being drained.'),
      volumes: kubernetesObjects.default([]).describe('Volumes of its pods, with what the configuration names as files: CAs, client certificates, tokens, passphrases.'),
      volumeMounts: kubernetesObjects.default([]).describe('Where they are mounted.'),
    })
    .prefault({})
    .describe('The Deployment, which is there when any source but files is on.'),
  secrets: sources.secrets
    .unwrap()
    .extend({ namespaces: z.array(z.string().min(1)).default([]).describe('Namespaces to watch, with a Role in each; none: all, with a ClusterRole. RBAC cannot be limited to TLS Secrets: the pod may read every Secret there.') })
    .prefault({})
    .describe('Certificates in Secrets.'),
  configMaps: sources.configMaps,
  caBundles: sources.caBundles,
  certificates: sources.certificates,
  vaultTokens: sources.vaultTokens,
  endpoints: sources.endpoints,
  nodeEndpoints: sources.endpoints
    .unwrap()
    .extend({ targets: sources.endpoints.unwrap().shape.targets.unwrap().default([apiServerOfKubeadm]).describe('What each pod of the DaemonSet shakes hands with on its own node, $(NODE_IP), to compare it with files of that node. The default is the API server where kubeadm made its certificate.') })
    .prefault({})
    .describe('Endpoints of every node: a certificate renewed on disk that its server never loaded.'),
  families: sources.families,
  ...exporterServer,
  serviceMonitor,
  rules: ownRules('certificates'),
  dashboard: boards('The board on certificates.', 'A ConfigMap with the board on certificates, for the sidecar of a Grafana. The board reads what the rules record.'),
  networkPolicy: networkPolicy(),
  ...placement([{ operator: 'Exists' }]),
  tolerations: tolerations([{ operator: 'Exists' }]).describe('Taints the pods of the DaemonSet bear.'),
});
