/** Values of the chart cert-exporter. */
import { z } from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { image, networkPolicy, placement, resources, serviceMonitor } from '../render/fragments.ts';

const path = z.string().regex(/^\//);

export const values = z.object({
  image: image('ghcr.io', 'keelson/cert-exporter', packageJson.version),
  files: z
    .object({
      enabled: z.boolean().default(true).describe('Watch files of every node, with a DaemonSet.'),
      directories: z.array(path).default(['/etc/kubernetes/pki', '/var/lib/kubelet/pki']).describe('Directories of the node, read with everything below them; mounted read-only under the same path.'),
      exclude: z.array(path).default(['/var/lib/kubelet/pki/kubelet-*-20*.pem']).describe('Patterns of files to leave out: * within a name, ** over folders. The default leaves out what the kubelet has rotated away and never deletes; the links kubelet-client-current.pem and kubelet-server-current.pem stay.'),
      intervalSeconds: z.int().min(1).default(60).describe('Seconds between two walks.'),
      resources: resources({ cpu: '10m', memory: '64Mi' }, { memory: '160Mi' }),
    })
    .prefault({})
    .describe('Certificates in files.'),
  secrets: z
    .object({
      enabled: z.boolean().default(true).describe('Watch Secrets of type kubernetes.io/tls, with a Deployment of one pod.'),
      namespaces: z.array(z.string().min(1)).default([]).describe('Namespaces to watch, with a Role in each; none: all, with a ClusterRole. RBAC cannot be limited to TLS Secrets: the pod may read every Secret there.'),
      resources: resources({ cpu: '10m', memory: '80Mi' }, { memory: '256Mi' }),
    })
    .prefault({})
    .describe('Certificates in Secrets.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least important lines that are logged.'),
  serviceMonitor,
  networkPolicy: networkPolicy(),
  ...placement([{ operator: 'Exists' }]),
});
