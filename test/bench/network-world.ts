/** A cluster of the size that people worry about: 5,000 pods in 100 namespaces on 50 nodes, 1,000 policies of all kinds. */
import type { ContainerPort, PolicyObject, Pod, World } from '../../policies/network/model.ts';

const apps = ['web', 'api', 'db', 'cache', 'queue', 'worker', 'mailer', 'search', 'report', 'batch'] as const;
const portOf = (app: number) => 8000 + app;

/** @param namespaces each with 50 pods and 10 policies */
export function largeWorld(namespaces = 100): { readonly world: World; readonly policies: readonly PolicyObject[] } {
  const names = Array.from({ length: namespaces }, (_, i) => `team-${i}`);
  return {
    world: {
      namespaces: names.map((name, i) => ({ name, labels: { tier: i % 3 === 0 ? 'gold' : 'silver' } })),
      nodes: Array.from({ length: 50 }, (_, i) => ({ name: `n${i}`, labels: { role: i < 3 ? 'control' : 'worker' }, addresses: [`192.168.0.${i + 1}`], isControlPlane: i < 3 })),
      pods: names.flatMap((namespace, i) => Array.from({ length: 50 }, (_, j) => podOf(namespace, i, j))),
      services: [],
      apiServerAddresses: [],
      settings: { hostFirewall: true },
    },
    policies: names.flatMap((namespace, i) => policiesOf(namespace, i, names)),
  };
}

function podOf(namespace: string, i: number, j: number): Pod {
  const app = j % apps.length;
  const ports: ContainerPort[] = [{ name: 'http', port: portOf(app), protocol: 'TCP' }, { name: 'metrics', port: 9100 + (i % 4), protocol: 'TCP' }];
  return { namespace, name: `${apps[app]}-${j}`, labels: { app: apps[app] ?? '', pod: String(j), ...(j % 7 === 0 ? { canary: 'yes' } : {}) }, node: `n${(i + j) % 50}`, hostNetwork: false, addresses: [`10.${i}.0.${j + 1}`], ports };
}

/** Ten for each namespace: closed by default, then opened by what each application needs. */
function policiesOf(namespace: string, i: number, names: readonly string[]): PolicyObject[] {
  const neighbour = names[(i + 1) % names.length] ?? '';
  const app = (n: number) => ({ matchLabels: { app: apps[(i + n) % apps.length] ?? '' } });
  const cilium = (name: string, spec: object) => ({ apiVersion: 'cilium.io/v2', kind: 'CiliumNetworkPolicy', metadata: { name, namespace }, spec });
  const kubernetes = (name: string, spec: object) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec });
  const port = (p: number | string) => ({ toPorts: [{ ports: [{ port: String(p), protocol: 'TCP' }] }] });
  return [
    cilium('deny-all', { endpointSelector: {}, ingress: [{}], egress: [{}] }),
    cilium('dns', { endpointSelector: {}, egress: [{ toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': names[0] ?? '', app: 'web' } }], toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }] }] }),
    cilium('front', { endpointSelector: app(0), ingress: [{ fromEntities: ['world'], ...port('http') }], egress: [{ toEndpoints: [app(1)], ...port(portOf((i + 1) % apps.length)) }] }),
    cilium('back', { endpointSelector: app(1), ingress: [{ fromEndpoints: [app(0), { matchLabels: { 'k8s:io.kubernetes.pod.namespace': neighbour, app: 'worker' } }], ...port('http') }], egress: [{ toEntities: ['kube-apiserver'], ...port(6443) }] }),
    cilium('outside', { endpointSelector: app(2), egress: [{ toCIDRSet: [{ cidr: `10.${i % 200}.0.0/16`, except: [`10.${i % 200}.1.0/24`] }], ...port(443) }, { toFQDNs: [{ matchPattern: `*.team-${i}.example.com` }], ...port(443) }] }),
    kubernetes('metrics', { podSelector: {}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { tier: 'gold' } }, podSelector: { matchLabels: { app: 'report' } } }], ports: [{ port: 'metrics' }] }] }),
    kubernetes('workers', { podSelector: { matchLabels: { app: 'worker' } }, policyTypes: ['Ingress', 'Egress'], egress: [{ to: [{ podSelector: {} }], ports: [{ port: 8000, endPort: 8010 }] }] }),
    kubernetes('neighbours', { podSelector: { matchLabels: { app: 'api' } }, ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': neighbour } } }] }] }),
    cilium('no-metadata', { endpointSelector: {}, enableDefaultDeny: { ingress: false, egress: false }, egressDeny: [{ toCIDR: ['169.254.169.254/32'] }] }),
    i % 10 === 0
      ? { apiVersion: 'cilium.io/v2', kind: 'CiliumClusterwideNetworkPolicy', metadata: { name: `nodes-${i}` }, spec: { nodeSelector: { matchLabels: { role: i % 20 === 0 ? 'worker' : 'control' } }, ingress: [{ fromEntities: ['cluster'], ...port(10250 + i) }] } }
      : cilium('canary', { endpointSelector: { matchLabels: { canary: 'yes' } }, ingressDeny: [{ fromEndpoints: [{ matchExpressions: [{ key: 'canary', operator: 'DoesNotExist' }] }], ...port(9000 + i) }] }),
  ];
}
