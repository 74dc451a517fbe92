/** The Deployment of a manager: upstream's, with image, arguments, resources and placement from the chart's values. */
import { join } from 'node:path';
import { block, expression, items, releaseNamespace, type Manifest } from '../../render/upstream/helm-text.ts';
import { certificateSecret, providerLabels, type Provider } from './providers.ts';
import { manifests } from '../../render/upstream/yaml-files.ts';

interface Container {
  args: string[];
  env?: object[];
  ports: object[];
  [field: string]: unknown;
}
interface PodSpec {
  containers: Container[];
  [field: string]: unknown;
}

/** Upstream's variables that differ from their defaults: gates we need, metrics with authentication instead of on loopback. */
const variables: Readonly<Record<string, string>> = { CLUSTER_TOPOLOGY: 'true', EXP_RUNTIME_SDK: 'true', EXP_KUBEADM_BOOTSTRAP_FORMAT_IGNITION: 'true' };
/** Arguments that values decide, or that CAPO sets to loopback without authentication. */
const replaced = /^--(v|sync-period|diagnostics-address|insecure-diagnostics)=/;

export async function providerManager(provider: Provider, folder: string): Promise<Manifest> {
  const [upstream] = await manifests(join(folder, 'config/manager/manager.yaml'));
  const podSpec = (upstream?.['spec'] as { template: { spec: PodSpec } } | undefined)?.template.spec;
  const manager = podSpec?.containers[0];
  if (!podSpec || !manager) throw new Error(`${folder}/config/manager/manager.yaml holds no Deployment with a container; upstream's layout changed`);
  const labels = { ...providerLabels(provider), 'control-plane': 'controller-manager' };
  const values = `.Values.${provider.key}`;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: `${provider.prefix}controller-manager`, namespace: releaseNamespace, labels },
    spec: {
      replicas: expression(`${values}.replicas`),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...podSpec,
          ...placement(labels),
          serviceAccountName: `${provider.prefix}manager`,
          imagePullSecrets: block('.Values.imagePullSecrets', 8),
          containers: [{ ...manager, ...container(manager, values) }],
          volumes: [{ name: 'cert', secret: { secretName: certificateSecret(provider) } }],
        },
      },
    },
  };
}

function container(manager: Container, values: string): object {
  return {
    image: expression(`include "cluster-api.image" (list . ${values}.image)`),
    imagePullPolicy: expression('.Values.image.pullPolicy'),
    args: [
      ...manager.args.filter((argument) => !replaced.test(argument)).map(substitute),
      '--diagnostics-address=:8443',
      '--insecure-diagnostics=false',
      `--sync-period=${expression(`${values}.syncPeriod`)}`,
      `--v=${expression(`${values}.verbosity`)}`,
      items(`${values}.extraArgs`, 12),
    ],
    env: [
      ...(manager.env ?? []),
      // Read by k8s.io/apimachinery, pkg/util/net/http.go.
      { name: 'HTTP2_READ_IDLE_TIMEOUT_SECONDS', value: expression('.Values.deadConnections.readIdleSeconds | quote') },
      { name: 'HTTP2_PING_TIMEOUT_SECONDS', value: expression('.Values.deadConnections.pingSeconds | quote') },
    ],
    ports: [
      { containerPort: 9443, name: 'webhook-server', protocol: 'TCP' },
      { containerPort: 9440, name: 'healthz', protocol: 'TCP' },
      { containerPort: 8443, name: 'metrics', protocol: 'TCP' },
    ],
    resources: block(`${values}.resources`, 12),
    volumeMounts: [{ name: 'cert', mountPath: '/tmp/k8s-webhook-server/serving-certs', readOnly: true }],
  };
}

/** `${NAME:=default}` as clusterctl replaces it. */
const substitute = (argument: string): string => argument.replace(/\$\{(\w+):=([^}]*)\}/g, (_whole, name: string, byDefault: string) => variables[name] ?? byDefault);

const placement = (labels: Record<string, string>): object => ({
  nodeSelector: block('.Values.nodeSelector', 8),
  tolerations: block('.Values.tolerations', 8),
  priorityClassName: expression('.Values.priorityClassName'),
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: labels } }],
});
