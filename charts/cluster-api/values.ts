/** Values of the chart cluster-api. */
import { z } from 'zod';
import { providers, type Provider } from './upstream/providers.ts';
import { networkPolicy, tolerations } from '../render/fragments.ts';
import { versions } from '../render/upstream/versions.ts';

const quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?$/);
const resources = z
  .object({
    requests: z.record(z.string(), quantity).default({ cpu: '50m', memory: '128Mi' }).describe('What the scheduler sets aside.'),
    limits: z.record(z.string(), quantity).default({ memory: '2Gi' }).describe('What the container may take at most.'),
  })
  .prefault({})
  .describe('Resources of the container.');

function manager(key: Provider['key'], description: string): z.ZodType {
  const provider = providers.find((candidate) => candidate.key === key);
  if (!provider) throw new Error(`no provider has the key ${key}`);
  return z
    .object({
      image: z
        .object({
          repository: z.string().min(1).default(provider.image).describe('Path of the image below the registry.'),
          tag: z.string().min(1).default(versions[provider.module]).describe('Tag; must fit the CRDs of this chart.'),
          digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/).default('').describe('Digest; wins over the tag.'),
        })
        .prefault({})
        .describe('The image.'),
      replicas: z.int().min(0).default(2).describe('Pods; one works, the others stand by. All of them serve webhooks.'),
      resources,
      verbosity: z.int().min(0).max(10).default(2).describe('Log level, 0 to 10.'),
      syncPeriod: z.string().regex(/^([0-9]+(h|m|s))+$/).default('10m').describe('How often every object is looked at without an event.'),
      extraArgs: z.array(z.string()).default([]).describe('More arguments of the manager.'),
    })
    .prefault({})
    .describe(description);
}

export const values = z.object({
  image: z
    .object({
      registry: z.string().min(1).default('registry.k8s.io').describe('Registry of all images; a mirror goes here.'),
      pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent').describe('When images are pulled.'),
    })
    .prefault({})
    .describe('Where images come from.'),
  imagePullSecrets: z.array(z.object({ name: z.string() })).default([]).describe('Secrets with credentials of the registry.'),
  crds: z
    .object({ enabled: z.boolean().default(true).describe('Install the CRDs. An uninstall keeps them.') })
    .prefault({})
    .describe('Custom resource definitions.'),
  core: manager('core', 'Cluster API core: clusters, machines, topology.'),
  bootstrap: manager('bootstrap', 'Kubeadm bootstrap provider: user data of machines.'),
  controlPlane: manager('controlPlane', 'Kubeadm control plane provider: control plane machines and etcd.'),
  infrastructure: manager('infrastructure', 'Cluster API Provider OpenStack: networks, load balancers, servers.'),
  deadConnections: z
    .object({
      readIdleSeconds: z.int().min(1).default(10).describe('After so long without a byte the API server behind a connection is asked whether it is still there.'),
      pingSeconds: z.int().min(1).default(5).describe('How long it may take to answer.'),
    })
    .prefault({})
    .describe('When the managers give up a connection to an API server whose machine is gone. A load balancer goes on carrying it into the void; 45 s, the default of client-go, is so close to the 50 s after which Cluster API calls a cluster unreachable that a control plane that is replaced can leave it "not Available" until the next sync period.'),
  networkPolicy: networkPolicy({ scraperNamespace: 'keelson-system' }),
  nodeSelector: z.record(z.string(), z.string()).default({}).describe('Nodes the pods may run on.'),
  tolerations: tolerations([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]),
  priorityClassName: z.string().default('').describe('Priority class of the pods.'),
});
