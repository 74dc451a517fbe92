/** What manifests ask for without saying so, and contracts that drifted from their workloads. */
import { check } from '../../../policies/network/check/check.ts';
import { rules } from '../../../policies/network/check/rules.ts';
import { type Contract, tcp } from '../../../policies/network/contract.ts';
import { catalogueOf } from '../../../policies/network/contracts/catalogue.ts';
import { parseManifests } from '../../../policies/network/world/manifest.ts';

const app = (more = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: shop}
spec: {template: {metadata: {labels: {app: app}}, spec: {${more}containers: [{name: app, ports: [{name: metrics, containerPort: 9090}], livenessProbe: {tcpSocket: {port: metrics}}}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: app, namespace: shop, labels: {app: app}}
spec: {selector: {app: app}, ports: [{name: metrics, port: 80, targetPort: metrics}]}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: app, namespace: shop}
spec: {selector: {matchLabels: {app: app}}, endpoints: [{port: metrics}]}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: keelson, namespace: watch}
spec: {}
`;
const policy = (spec: string): string => `---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {endpointSelector: {matchLabels: {app: app}}, ${spec}}\n`;
const prometheus = '{matchLabels: {k8s:io.kubernetes.pod.namespace: watch, prometheus: keelson}}';
const found = (text: string, contracts: readonly Contract[] = []): readonly (readonly [string, string])[] =>
  check(parseManifests('x.yaml', text), { catalogue: catalogueOf(contracts) }).findings.filter(({ rule }) => /scrape|probe|differs/.test(rule)).map(({ rule, message }) => [rule, message] as const);

describe('flows that manifests imply', () => {
  test('Prometheus must reach what a ServiceMonitor names, on the port behind the Service', () => {
    expect(found(app() + policy('ingress: [{}]'))).toEqual([['network/scrape-closed', expect.stringContaining('watch/prometheus-keelson-0 → shop/app-0 9090/TCP is denied at the receiver') as string]]);
    expect(found(app() + policy(`ingress: [{fromEndpoints: [${prometheus}], toPorts: [{ports: [{port: "9090", protocol: TCP}]}]}]`))).toEqual([]);
  });

  test('the kubelet must reach what it probes: only a deny rule keeps a node from its own pods', () => {
    const open = `ingress: [{fromEndpoints: [${prometheus}]}]`;
    expect(found(app() + policy(open))).toEqual([]);
    expect(found(app() + policy(`${open}, ingressDeny: [{fromEntities: [host]}]`))).toEqual([['network/probe-closed', expect.stringMatching(/node .* → shop\/app-0 9090\/TCP is denied at the receiver, denied by CiliumNetworkPolicy shop\/p spec.ingressDeny\[0\]/) as string]]);
  });
});

describe('a contract that says something else than its workload', () => {
  const contract = (listens: Contract['listens'], more: Partial<Contract['pods']> = {}): Contract => ({ component: 'app', pods: { namespace: 'shop', labels: { app: 'app' }, ...more }, listens, serves: [], calls: [] });

  test('is nothing when it agrees', () => {
    expect(found(app(), [contract({ metrics: tcp('api', 9090, { isProbed: true }) })])).toEqual([]);
  });

  test.each([
    ['a port', contract({}), 'listens on 9090/TCP (metrics), which the contract does not know'],
    ['a probe', contract({ metrics: tcp('api', 9090) }), 'is probed on 9090, which the contract does not say'],
    ['the host network', contract({ metrics: tcp('api', 9090, { isProbed: true }) }, { hostNetwork: true }), 'hostNetwork is false here and true in the contract'],
  ])('differs in %s', (_, one, message) => {
    expect(found(app(), [one])).toContainEqual(['network/contract-differs', expect.stringContaining(message) as string]);
  });
});

test('every rule has a sentence that ends', () => {
  for (const [rule, text] of Object.entries(rules)) expect([rule, /^network\/[a-z-]+$/.test(rule), text.endsWith('.')]).toEqual([rule, true, true]);
});
