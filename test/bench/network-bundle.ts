/** A bundle of 60 components in 20 namespaces, as manifests with the policies generated for it: contracts, workloads, Services, webhooks, monitors. */
import { callsApiServer, callsDns, component, type Contract, tcp } from '../../policies/network/contract.ts';
import { catalogue, catalogueOf, type Catalogue } from '../../policies/network/contracts/catalogue.ts';
import { generate } from '../../policies/network/generate/bundle.ts';
import { only } from '../../policies/network/check/select.ts';
import { readManifest, type ReadManifest } from '../../policies/network/world/manifest.ts';

const namespaces = 20;
const components = 57;

/** 57 made-up components beside CoreDNS, Prometheus and the parts on nodes. */
export function bundle(): { readonly catalogue: Catalogue; readonly manifests: readonly ReadManifest[] } {
  const whole = catalogue();
  const base = only(whole, whole.contracts.filter(({ component: name, pods }) => pods.hostNetwork || ['coredns', 'prometheus', 'kube-state-metrics'].includes(name)).map(({ component: name }) => name));
  const contracts = [...base.contracts, ...Array.from({ length: components }, (_, i) => contract(i))];
  const all = catalogueOf(contracts, base.prohibitions, whole.site);
  const policies = generate(all, { hosts: 'enforce' }).policies;
  const objects = [...contracts.flatMap((one, i) => workload(one, i)), ...policies];
  return { catalogue: all, manifests: objects.map((object, i) => readManifest(object, { file: 'bundle.yaml', document: i + 1 })) };
}

function contract(i: number): Contract {
  const name = `app-${i}`;
  return {
    component: name,
    pods: { namespace: `team-${i % (namespaces - 2)}`, labels: { 'app.kubernetes.io/name': name } },
    listens: { http: tcp('api', 8080, { isProbed: true }), metrics: tcp('metrics', 9090), ...(i % 6 === 0 ? { webhook: tcp('webhook', 9443) } : {}) },
    serves: i % 6 === 0 ? [{ listener: 'webhook', from: { kind: 'apiServer' }, reason: 'admission' }] : [],
    calls: [callsApiServer('watches'), callsDns('names'), ...[1, 7, 13].map((step) => ({ to: component(`app-${(i + step) % components}`, 'http'), reason: `calls app ${step} further` }))],
  };
}

function workload({ component: name, pods, listens }: Contract, i: number): readonly object[] {
  const { namespace, labels } = pods;
  const ports = Object.entries(listens).flatMap(([port, { ports: [first] }]) => (first && first.protocol !== 'ICMP' ? [{ name: port.slice(0, 15), containerPort: first.port, protocol: first.protocol }] : []));
  const probed = Object.entries(listens).find(([, one]) => one.isProbed)?.[0];
  const metadata = { name, namespace, labels };
  return [
    {
      apiVersion: 'apps/v1', kind: pods.where === 'everyNode' || pods.where === 'controlPlane' ? 'DaemonSet' : 'Deployment', metadata,
      spec: { replicas: 2, template: { metadata: { labels }, spec: { serviceAccountName: name, hostNetwork: pods.hostNetwork ?? false, containers: [{ name, ports, ...(probed ? { readinessProbe: { httpGet: { port: probed } } } : {}) }] } } },
    },
    ...(pods.hostNetwork ? [] : [
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels, ports: ports.map((port, j) => ({ name: port.name, port: 80 + j, targetPort: port.name, protocol: port.protocol })) } },
      { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor', metadata, spec: { selector: { matchLabels: labels }, endpoints: [{ port: 'metrics' }] } },
    ]),
    ...(listens['webhook'] ? [{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name }, webhooks: [{ name: `h${i}.example.org`, clientConfig: { service: { namespace, name, port: 82 } } }] }] : []),
  ];
}
