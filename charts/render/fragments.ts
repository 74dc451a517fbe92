/** Values that most charts have, said once: image, resources, ServiceMonitor, where pods may run. */
import { z } from 'zod';

const quantity = z.string().regex(/^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi)?$/);

/** @param tag of the pinned version */
export const image = (registry: string, repository: string, tag: string) =>
  z
    .object({
      registry: z.string().min(1).default(registry).describe('Registry; a mirror goes here.'),
      repository: z.string().min(1).default(repository).describe('Path of the image below the registry.'),
      tag: z.string().min(1).default(tag).describe('Tag.'),
      digest: z.string().regex(/^(sha256:[0-9a-f]{64})?$/).default('').describe('Digest; wins over the tag.'),
      pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent').describe('When the image is pulled.'),
    })
    .prefault({})
    .describe('The image.');

export const resources = (requests: Record<string, string>, limits: Record<string, string>) =>
  z
    .object({
      requests: z.record(z.string(), quantity).default(requests).describe('What the scheduler sets aside.'),
      limits: z.record(z.string(), quantity).default(limits).describe('What the container may take at most.'),
    })
    .prefault({})
    .describe('Resources of the container.');

export const serviceMonitor = z
  .object({
    enabled: z.boolean().default(false).describe('Create a ServiceMonitor; needs the CRDs of prometheus-operator.'),
    interval: z.string().regex(/^[0-9]+(ms|s|m|h)$/).default('60s').describe('How often metrics are read.'),
    labels: z.record(z.string(), z.string()).default({}).describe('Labels by which a Prometheus selects it.'),
  })
  .prefault({})
  .describe('Metrics for prometheus-operator.');

const toleration = z.looseObject({ key: z.string().optional(), operator: z.string().optional(), effect: z.string().optional() });

export const tolerations = (tolerated: readonly z.input<typeof toleration>[]) => z.array(toleration).default([...tolerated]).describe('Taints the pods bear.');

export const placement = (tolerated: readonly z.input<typeof toleration>[]) => ({
  nodeSelector: z.record(z.string(), z.string()).default({}).describe('Nodes the pods may run on.'),
  tolerations: tolerations(tolerated),
  priorityClassName: z.string().default('').describe('Priority class of the pods.'),
  imagePullSecrets: z.array(z.object({ name: z.string() })).default([]).describe('Secrets with credentials of the registry.'),
});

/** TLS and log of an exporter of ours. */
export const exporterServer = {
  tls: z.object({ secretName: z.string().default('').describe('Secret of type kubernetes.io/tls; everything is then served with TLS, and a renewed Secret is taken up without a restart.') }).prefault({}).describe('TLS of the exporter itself.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least important lines that are logged.'),
};

/** @param subject what the records and alerts are on */
export const ownRules = (subject: string) =>
  z
    .object({
      enabled: z.boolean().default(false).describe(`A PrometheusRule with the records and alerts on ${subject}, for clusters without the charts monitoring and workload-monitoring, which have them.`),
      runbookBaseUrl: z.string().default('https://github.com/keelson/keelson/blob/main/docs/runbooks').describe('Where runbooks are read, without the last slash.'),
      labels: z.record(z.string(), z.string()).default({}).describe('Labels by which a Prometheus selects it.'),
    })
    .prefault({})
    .describe('Alerts for prometheus-operator.');

/** @param shown the boards; @param configMap what the ConfigMap holds */
export const boards = (shown: string, configMap: string) =>
  z
    .object({
      enabled: z.boolean().default(false).describe(configMap),
      labels: z.record(z.string(), z.string()).default({ grafana_dashboard: '1' }).describe('Labels by which the sidecar finds it.'),
    })
    .prefault({})
    .describe(shown);

/** @param scraped whether Prometheus is not part of the chart itself; @param scraperNamespace where it is, when not beside the release */
export const networkPolicy = ({ scraped = true, scraperNamespace = '' }: { readonly scraped?: boolean; readonly scraperNamespace?: string } = {}) =>
  z
    .object({
      enabled: z.boolean().default(false).describe('Let through what the contract of the component says, and nothing else.'),
      kind: z.enum(['cilium', 'kubernetes']).default('kubernetes').describe("cilium: CiliumNetworkPolicy. kubernetes: NetworkPolicy, which knows nodes and the API server by address only, so that those flows are open to any peer on the same ports."),
      ...(scraped ? { scraperNamespace: z.string().default(scraperNamespace).describe('Namespace of the Prometheus pods; empty: that of the release.') } : {}),
    })
    .prefault({})
    .describe('Network policies, from the contracts of policies/network.');
