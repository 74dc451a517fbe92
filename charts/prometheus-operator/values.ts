/** Values of the chart prometheus-operator. */
import { z } from 'zod';
import { image, networkPolicy, placement, resources } from '../render/fragments.ts';

export const values = z.object({
  image: image('quay.io', 'prometheus-operator/prometheus-operator', 'v0.85.0'),
  configReloader: z
    .object({
      image: image('quay.io', 'prometheus-operator/prometheus-config-reloader', 'v0.85.0'),
      cpu: z.string().default('10m').describe('CPU set aside for each config reloader.'),
      memory: z.string().default('24Mi').describe('Memory set aside for each config reloader, and its limit.'),
    })
    .prefault({})
    .describe('The side container that reloads Prometheus and Alertmanager when their configuration changes.'),
  waitFor: z
    .object({
      image: image('registry.k8s.io', 'kubectl', 'v1.36.3'),
      crds: z.array(z.string()).default(['prometheuses', 'alertmanagers', 'alertmanagerconfigs', 'servicemonitors', 'podmonitors', 'probes', 'prometheusrules', 'scrapeconfigs']).describe('Kinds that must be served before the operator starts; what it does not find at its start it ignores for good.'),
    })
    .prefault({})
    .describe('The init container that waits for the CRDs.'),
  crds: z
    .object({ enabled: z.boolean().default(true).describe('Install the CRDs. An uninstall keeps them.') })
    .prefault({})
    .describe('Custom resource definitions.'),
  namespaces: z.array(z.string()).default([]).describe('Namespaces whose objects are acted on; none: all.'),
  kubelet: z
    .object({
      enabled: z.boolean().default(true).describe('Keep the Service kube-system/kubelet with the addresses of all nodes, so that a ServiceMonitor can scrape the kubelets.'),
    })
    .prefault({})
    .describe('Targets for the kubelets.'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least important lines that are logged.'),
  resources: resources({ cpu: '20m', memory: '64Mi' }, { memory: '256Mi' }),
  networkPolicy: networkPolicy(),
  ...placement([{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]),
});
