/** Flows that manifests ask for without saying so: webhooks and aggregated APIs, probes, scrapes of ServiceMonitors and PodMonitors. */
import type { Finding } from '../../findings/finding.ts';
import { denialText, flowText } from '../check/words.ts';
import type { Endpoint, Flow, Pod, Service } from '../model.ts';
import { isRecord, type Manifest, type ReadManifest } from '../world/manifest.ts';
import { numberOf } from '../world/workloads.ts';
import { aboutObject, type LintContext } from './context.ts';

const endpoint = (pod: Pod): Endpoint => (pod.hostNetwork && pod.node !== undefined ? { kind: 'node', name: pod.node } : { kind: 'pod', namespace: pod.namespace, name: pod.name });

/**
 * The API server calls from its node. Behind konnectivity, from a managed control plane and while its address is not yet
 * known as that of an API server its calls arrive as those of any node, so every node is asked about (cilium#31711).
 */
export function webhooks(context: LintContext, manifests: readonly ReadManifest[]): readonly Finding[] {
  const { world } = context.simulator;
  const callers: readonly Endpoint[] = [...world.nodes.map(({ name }): Endpoint => ({ kind: 'node', name })), ...world.apiServerAddresses.map((ip): Endpoint => ({ kind: 'address', ip }))];
  return manifests.flatMap((manifest) => webhookServices(manifest.object).flatMap(({ path, what, namespace, name, port }) => {
    const flows = backends(world.services.find((one) => one.namespace === namespace && one.name === name), port, context).flatMap((to) => callers.map((from): Flow => ({ from, to: to.endpoint, protocol: 'TCP', port: to.port })));
    return firstDenied(flows, context).map((denied) => aboutObject(manifest, path, {
      rule: 'webhook-closed', severity: 'error',
      message: `the API server calls Service ${namespace}/${name} (${what}), and ${denied.text}`,
      fix: `allow fromEntities: [kube-apiserver, remote-node] on the target port ${denied.flow.port}/TCP: from other control planes its calls arrive as those of a node`,
    }));
  }));
}

interface WebhookService {
  readonly path: string;
  readonly what: string;
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

function webhookServices(object: Manifest): readonly WebhookService[] {
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const service = (value: unknown, path: string, what: string): readonly WebhookService[] =>
    isRecord(value) && typeof value['name'] === 'string' ? [{ path, what, namespace: String(value['namespace'] ?? 'default'), name: value['name'], port: typeof value['port'] === 'number' ? value['port'] : 443 }] : [];
  switch (object.kind) {
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      return unique((Array.isArray(object['webhooks']) ? (object['webhooks'] as unknown[]) : []).flatMap((hook, i) => (isRecord(hook) && isRecord(hook['clientConfig']) ? service(hook['clientConfig']['service'], `webhooks[${i}].clientConfig.service`, 'an admission webhook') : [])));
    case 'APIService': return service(spec['service'], 'spec.service', 'an aggregated API');
    case 'CustomResourceDefinition': {
      const conversion = isRecord(spec['conversion']) && isRecord(spec['conversion']['webhook']) && isRecord(spec['conversion']['webhook']['clientConfig']) ? spec['conversion']['webhook']['clientConfig']['service'] : undefined;
      return service(conversion, 'spec.conversion.webhook.clientConfig.service', 'a conversion webhook');
    }
    default: return [];
  }
}

const unique = (list: readonly WebhookService[]): readonly WebhookService[] => list.filter(({ namespace, name, port }, i) => list.findIndex((one) => one.namespace === namespace && one.name === name && one.port === port) === i);

/** Pods behind a port of a Service; none when the Service or its pods are not among the manifests. */
function backends(service: Service | undefined, port: number | string, { simulator }: LintContext): readonly { readonly endpoint: Endpoint; readonly port: number }[] {
  const found = service?.ports.find((one) => one.port === port || one.name === port);
  if (!service?.selector || !found) return [];
  return selected(service.selector, service.namespace, simulator.world.pods).flatMap((pod) => {
    const target = numberOf(found.targetPort, pod.ports);
    return target === undefined ? [] : [{ endpoint: endpoint(pod), port: target }];
  });
}

const selected = (labels: Readonly<Record<string, string>>, namespace: string | undefined, pods: readonly Pod[]): readonly Pod[] =>
  pods.filter((pod) => (namespace === undefined || pod.namespace === namespace) && Object.entries(labels).every(([key, value]) => pod.labels[key] === value));

function firstDenied(flows: readonly Flow[], { simulator }: LintContext): readonly { readonly flow: Flow; readonly text: string }[] {
  for (const flow of flows) {
    const verdict = simulator.decide(flow);
    if (!verdict.allowed) return [{ flow, text: `${flowText(flow)} is denied ${denialText(verdict)}` }];
  }
  return [];
}

/** A node always reaches its own pods, so only deny rules and disabled allow-localhost can do this. */
export function probes(context: LintContext): readonly Finding[] {
  return context.read.workloads.flatMap(({ manifest, workload, pods }) => {
    const flows = workload.probes.flatMap(({ port }) => pods.filter(({ hostNetwork, node }) => !hostNetwork && node !== undefined).map((pod): Flow => ({ from: { kind: 'node', name: pod.node ?? '' }, to: endpoint(pod), protocol: 'TCP', port })));
    return firstDenied(flows, context).map(({ text }) => aboutObject(manifest, workload.probes[0]?.path ?? '', { rule: 'probe-closed', severity: 'error', message: `the kubelet probes it, and ${text}`, fix: 'allow fromEntities: [host] on the probed port, or take the deny rule away' }));
  });
}

interface Monitor {
  readonly selector: Readonly<Record<string, string>>;
  readonly namespaces: readonly string[] | 'any';
  readonly ports: readonly string[];
}

export function scrapes(context: LintContext, manifests: readonly ReadManifest[]): readonly Finding[] {
  const { world } = context.simulator;
  const scrapers = world.pods.filter(({ labels, hostNetwork }) => !hostNetwork && labels['app.kubernetes.io/name'] === 'prometheus').slice(0, 1);
  return manifests.flatMap((manifest) => {
    const monitor = monitorOf(manifest.object);
    if (!monitor) return [];
    const targets = manifest.object.kind === 'ServiceMonitor'
      ? world.services.filter(({ namespace, labels = {} }) => isIn(namespace, monitor) && Object.entries(monitor.selector).every(([key, value]) => labels[key] === value)).flatMap((service) => monitor.ports.flatMap((port) => backends(service, port, context)))
      : selected(monitor.selector, undefined, world.pods).filter(({ namespace }) => isIn(namespace, monitor)).flatMap((pod) => monitor.ports.flatMap((name) => { const port = numberOf(name, pod.ports); return port === undefined ? [] : [{ endpoint: endpoint(pod), port }]; }));
    const flows = scrapers.flatMap((scraper) => targets.map((to): Flow => ({ from: endpoint(scraper), to: to.endpoint, protocol: 'TCP', port: to.port })));
    return firstDenied(flows.filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to)), context).map(({ text }) => aboutObject(manifest, 'spec.endpoints', { rule: 'scrape-closed', severity: 'error', message: `Prometheus scrapes it, and ${text}`, fix: 'allow the Prometheus pods on the target port, and let Prometheus out to it' }));
  });
}

const isIn = (namespace: string, { namespaces }: Monitor): boolean => namespaces === 'any' || namespaces.includes(namespace);

function monitorOf({ kind, metadata, ...object }: Manifest): Monitor | undefined {
  if (kind !== 'ServiceMonitor' && kind !== 'PodMonitor') return undefined;
  const spec = isRecord(object['spec']) ? object['spec'] : {};
  const selector = isRecord(spec['selector']) && isRecord(spec['selector']['matchLabels']) ? (spec['selector']['matchLabels'] as Record<string, string>) : {};
  const where = isRecord(spec['namespaceSelector']) ? spec['namespaceSelector'] : {};
  const endpoints = (Array.isArray(spec[kind === 'ServiceMonitor' ? 'endpoints' : 'podMetricsEndpoints']) ? spec[kind === 'ServiceMonitor' ? 'endpoints' : 'podMetricsEndpoints'] : []) as readonly { port?: string }[];
  return {
    selector,
    namespaces: where['any'] === true ? 'any' : Array.isArray(where['matchNames']) ? (where['matchNames'] as string[]) : [metadata.namespace ?? 'default'],
    ports: endpoints.flatMap(({ port }) => port ?? []),
  };
}
