/** Values of the chart keelson. */
import { z } from 'zod';
import { networkPolicy, tolerations } from '../render/fragments.ts';

const quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?$/);
const resources = (requests: Record<string, string>, limits: Record<string, string>) =>
  z
    .object({
      requests: z.record(z.string(), quantity).default(requests).describe('What the scheduler sets aside.'),
      limits: z.record(z.string(), quantity).default(limits).describe('What the container may take at most.'),
    })
    .prefault({})
    .describe('Resources of the container.');

const cidr = z.string().regex(/^[0-9a-fA-F.:]+\/\d{1,3}$/);
const replicas = z.int().min(0).max(10);

export const values = z.object({
  image: z
    .object({
      registry: z.string().min(1).default('ghcr.io').describe('Registry; a mirror goes here.'),
      repository: z.string().min(1).default('keelson/keelson').describe('Path of the image below the registry.'),
      tag: z.string().default('').describe('Tag; empty: the version of the chart.'),
      digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/).default('').describe('Digest; wins over the tag.'),
      pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent').describe('When the image is pulled.'),
    })
    .prefault({})
    .describe('The image of both Deployments.'),
  imagePullSecrets: z.array(z.object({ name: z.string() })).default([]).describe('Secrets with credentials of the registry.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least important lines that are logged.'),
  operator: z
    .object({
      replicas: replicas.default(2).describe('Pods; one leads, the others stand by.'),
      workers: z.int().min(1).max(64).default(4).describe('Clusters and Apps worked on at the same time.'),
      managementEgress: z.array(cidr).default([]).describe("CIDRs from which this management cluster reaches API servers, as those see it: its router's address or NAT. Load balancers with allowed CIDRs always let them in."),
      ownerNamespaces: z.array(z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)).default([]).describe("Namespaces of the fleet's owners besides the release's own: their Apps may go to the management cluster, in the name of the ServiceAccount keelson-apps there, which has the rights that you bind to it."),
      alertmanagers: z.array(z.string().regex(/^https?:\/\/[^,\s]+$/)).default([]).describe('Alertmanagers that get Silences and maintenance windows; a host with several addresses stands for as many. Empty: those of the chart monitoring in the namespace of the release.'),
      driftIntervalMinutes: z.int().min(10).default(360).describe('Between two comparisons of an App with its cluster.'),
      charts: z
        .object({
          hosts: z.array(z.string().regex(/^(\*\.)?[A-Za-z0-9.-]+$/)).default([]).describe('The only hosts that charts are fetched from: charts.example.com, *.example.com. Empty: all hosts.'),
          cidrs: z.array(cidr).default([]).describe('Addresses that charts may be fetched from although they are private or special: a registry in your own network.'),
          refusedCidrs: z.array(cidr).default([]).describe('Addresses that nothing is fetched from, besides private and special ones: public addresses of this management cluster.'),
          plainHttpHosts: z.array(z.string().min(1)).default([]).describe('Hosts that are spoken to without TLS.'),
        })
        .prefault({})
        .describe('Where Catalogs and OCI references may lead. Whoever makes one sends the operator there, from inside the management network.'),
      resources: resources({ cpu: '50m', memory: '128Mi' }, { memory: '1Gi' }),
    })
    .prefault({})
    .describe('The operator: certificates, class, Apps, monitoring.'),
  topologyExtension: z
    .object({
      replicas: replicas.default(2).describe('Pods; all of them answer. While none does, topologies stand still and running clusters do not notice.'),
      resources: resources({ cpu: '20m', memory: '96Mi' }, { memory: '384Mi' }),
    })
    .prefault({})
    .describe('The runtime extension that Cluster API asks for variables, patches and verdicts.'),
  organizations: z
    .object({
      provisioners: z
        .array(z.string().min(1).max(253))
        .default(['system:serviceaccounts:keelson-system', 'system:serviceaccounts:capi-system', 'system:serviceaccounts:kube-system'])
        .describe("Groups that make what tenants only declare: Cluster API's controllers, our operator, Kubernetes itself. In organizations' namespaces all others write Clusters and no machines. The right behind it is the verb provision on organizations.keelson.dev; cluster-admin has it."),
    })
    .prefault({})
    .describe('Tenants.'),
  bundle: z
    .object({
      policy: z.string().regex(/^(latest|with-kubernetes|\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?)$/).default('with-kubernetes').describe("Which bundle clusters have that say nothing with the annotation keelson.dev/bundle. with-kubernetes: the one they have until their Kubernetes moves to another minor; latest: every new one at once, and so with every upgrade of Keelson; or a version."),
      leaveOut: z.record(z.string(), z.string().min(1)).default({}).describe('Apps that no cluster of this fleet gets, each with the reason: {cilium: the network is ours}. They stay visible, with that reason.'),
      imageRegistry: z.string().regex(/^([a-zA-Z0-9][a-zA-Z0-9.:/_-]*)?$/).default('').describe('Registry, or registry and path, that takes the place of the registry of every image of the bundle: a mirror. keelson images list names what it must hold.'),
      catalog: z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/).default('').describe('Catalog in the namespace of the release with the charts of older releases of Keelson: what a bundle names in a version that the image does not hold comes from there.'),
      management: z
        .object({
          enabled: z.boolean().default(false).describe('Whether the management cluster itself gets the apps of the bundle that are for it. The ServiceAccount keelson-apps of this namespace then becomes cluster-admin, because the apps bring definitions and roles.'),
          policy: z.string().regex(/^(latest|with-kubernetes|\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?)$/).default('latest').describe('Which bundle it has.'),
          without: z.record(z.string(), z.string().min(1)).default({}).describe('Apps that it does not get, each with the reason.'),
        })
        .prefault({})
        .describe('The management cluster as a target of the bundle.'),
    })
    .prefault({})
    .describe('What clusters get; see docs/apps.md.'),
  bundleValues: z.looseObject({}).default({}).describe('Chart values per app of the bundle, for every cluster: {metrics-server: {replicas: 2}}.'),
  crds: z
    .object({ enabled: z.boolean().default(true).describe('Install the CRDs. An uninstall keeps them.') })
    .prefault({})
    .describe('Custom resource definitions.'),
  serviceMonitor: z
    .object({
      enabled: z.boolean().default(false).describe('Create ServiceMonitors; needs the CRDs of prometheus-operator.'),
      interval: z.string().regex(/^[0-9]+(ms|s|m|h)$/).default('60s').describe('How often metrics are read.'),
      labels: z.record(z.string(), z.string()).default({}).describe('Labels by which a Prometheus selects them.'),
    })
    .prefault({})
    .describe('Metrics for prometheus-operator.'),
  networkPolicy: networkPolicy(),
  nodeSelector: z.record(z.string(), z.string()).default({}).describe('Nodes the pods may run on.'),
  tolerations: tolerations([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]),
  priorityClassName: z.string().default('').describe('Priority class of the pods.'),
});
