/** Pods of every kind that makes pods, as far as policies and probes look at them. */
import type { ContainerPort, Labels } from '../model.ts';
import { isRecord, type Manifest } from './manifest.ts';

export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** What names of its pods begin with; the name itself where it is a pod. */
  readonly podName: string;
  readonly labels: Labels;
  readonly serviceAccount: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly ContainerPort[];
  readonly probes: readonly Probe[];
  /** One on every node, or how many. */
  readonly pods: 'everyNode' | number;
  /** Only on control planes. */
  readonly onControlPlane: boolean;
  /** Has a token for the API server in its file system. */
  readonly usesApiServer: boolean;
}

export interface Probe {
  readonly port: number;
  /** "spec.template.spec.containers[0].livenessProbe". */
  readonly path: string;
}

interface Container {
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: ContainerPort['protocol'] }[];
  readonly [probe: string]: unknown;
}
interface PodSpec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly hostNetwork?: boolean;
  readonly serviceAccountName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly nodeSelector?: Labels;
  readonly affinity?: unknown;
}

const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';
const probeKinds = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** undefined for kinds that make no pods, and for what scales to none. */
export function workloadOf(object: Manifest): Workload | undefined {
  const found = templateOf(object);
  if (!found || found.count === 0) return undefined;
  const { labels, spec, path, count } = found;
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  const ports = containers.flatMap(({ ports: own = [] }) => own.map(({ name, containerPort, protocol = 'TCP' }) => ({ ...(name === undefined ? {} : { name }), port: containerPort, protocol })));
  return {
    kind: object.kind,
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
    podName: object.apiVersion.startsWith('monitoring.coreos.com/') ? `${object.kind.toLowerCase()}-${object.metadata.name}` : object.metadata.name,
    labels,
    serviceAccount: spec.serviceAccountName ?? 'default',
    hostNetwork: spec.hostNetwork ?? false,
    ports,
    probes: (spec.containers ?? []).flatMap((container, i) => probesOf(container, `${path}.containers[${i}]`, ports)),
    pods: count,
    onControlPlane: JSON.stringify([spec.nodeSelector, spec.affinity]).includes(controlPlaneLabel),
    usesApiServer: spec.serviceAccountName !== undefined && spec.automountServiceAccountToken !== false,
  };
}

interface Template {
  readonly labels: Labels;
  readonly spec: PodSpec;
  /** Of the spec inside the object. */
  readonly path: string;
  readonly count: Workload['pods'];
}

function templateOf(object: Manifest): Template | undefined {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const template = (from: unknown, path: string, count: Template['count']): Template | undefined => {
    if (!isRecord(from) || !isRecord(from['spec'])) return undefined;
    const metadata = isRecord(from['metadata']) ? from['metadata'] : {};
    return { labels: (metadata['labels'] ?? {}) as Labels, spec: from['spec'] as PodSpec, path, count };
  };
  const replicas = typeof spec['replicas'] === 'number' ? spec['replicas'] : 1;
  switch (`${object.apiVersion.split('/')[0]} ${object.kind}`) {
    case 'v1 Pod': return { labels: object.metadata.labels ?? {}, spec: spec as PodSpec, path: 'spec', count: 1 };
    case 'apps Deployment':
    case 'apps ReplicaSet':
    case 'apps StatefulSet':
    case 'v1 ReplicationController': return template(spec['template'], 'spec.template.spec', replicas);
    case 'apps DaemonSet': return template(spec['template'], 'spec.template.spec', 'everyNode');
    case 'batch Job': return template(spec['template'], 'spec.template.spec', 1);
    case 'batch CronJob': return template(isRecord(spec['jobTemplate']) && isRecord(spec['jobTemplate']['spec']) ? spec['jobTemplate']['spec']['template'] : undefined, 'spec.jobTemplate.spec.template.spec', 1);
    case 'monitoring.coreos.com Prometheus': return operated(object, 'prometheus', 9090, replicas);
    case 'monitoring.coreos.com Alertmanager': return operated(object, 'alertmanager', 9093, replicas);
    default: return undefined;
  }
}

/** What prometheus-operator makes of its custom resources (v0.85.0, pkg/prometheus/server/statefulset.go, pkg/alertmanager/operator.go). */
function operated({ metadata, ...object }: Manifest, name: 'prometheus' | 'alertmanager', port: number, count: number): Template {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const probe = { httpGet: { path: '/-/ready', port: 'web' } };
  return {
    labels: {
      'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': metadata.name, 'app.kubernetes.io/managed-by': 'prometheus-operator', [name]: metadata.name,
      ...(name === 'prometheus' ? { 'operator.prometheus.io/name': metadata.name, 'operator.prometheus.io/shard': '0' } : {}),
    },
    spec: {
      containers: [
        { name, ports: [{ name: 'web', containerPort: port }, ...(name === 'alertmanager' ? [{ name: 'mesh-tcp', containerPort: 9094 }, { name: 'mesh-udp', containerPort: 9094, protocol: 'UDP' as const }] : [])], readinessProbe: probe, livenessProbe: probe },
        { name: 'config-reloader', ports: [{ name: 'reloader-web', containerPort: 8080 }] },
      ],
      ...(typeof spec['serviceAccountName'] === 'string' ? { serviceAccountName: spec['serviceAccountName'] } : {}),
      ...(spec['automountServiceAccountToken'] === false ? { automountServiceAccountToken: false } : {}),
      ...(spec['hostNetwork'] === true ? { hostNetwork: true } : {}),
    },
    path: 'spec',
    count,
  };
}

/** Probes of the network; what asks the pod's own loopback (`host: 127.0.0.1`) or runs a command meets no policy. */
function probesOf(container: Container, path: string, ports: readonly ContainerPort[]): readonly Probe[] {
  return probeKinds.flatMap((kind) => {
    const probe = container[kind];
    if (!isRecord(probe)) return [];
    const action = probe['httpGet'] ?? probe['tcpSocket'] ?? probe['grpc'];
    if (!isRecord(action) || action['host'] !== undefined) return [];
    const port = numberOf(action['port'], ports);
    return port === undefined ? [] : [{ port, path: `${path}.${kind}` }];
  });
}

/** A port by number or by the name of a container port. */
export function numberOf(port: unknown, ports: readonly ContainerPort[]): number | undefined {
  return typeof port === 'number' ? port : ports.find(({ name }) => name === port)?.port;
}
