import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { isHealthy, type ClusterStatus, type FleetStatus } from '../../../sandbox/fleet/fleet-status.ts';
import { renderScreen } from '../../../sandbox/fleet/screen.ts';
import { substitutes } from '../../../sandbox/fleet/substitutes.ts';

const demo: ClusterStatus = {
  name: 'demo', role: 'workload', kubernetesVersion: 'v1.36.3', available: true, nodes: { ready: 3, total: 3 }, machines: { running: 3, total: 3 },
  components: [{ name: 'metrics-server', ready: true }], kubeconfig: '/state/kubeconfig-demo',
};
const fleet: FleetStatus = {
  addresses: [{ name: 'Pager', url: 'http://127.0.0.1:19099', standsFor: 'your on-call tool' }], clusters: [demo], people: [], standIns: [],
  substitutes: [{ what: 'Pager', tag: 'local', inProduction: 'your on-call tool', docs: 'docs/sandbox.md#clusters' }],
  pages: [{ alert: 'CertificateExpiresSoon', cluster: 'demo', severity: 'page', state: 'firing', summary: 'one day left', runbook: 'http://127.0.0.1:19099/runbooks/x' }],
  phases: [{ name: 'tools', seconds: 1.25 }, { name: 'world', seconds: 2 }],
};

test('the screen of a healthy fleet', () => {
  expect(renderScreen(fleet)).toBe(`The fleet is up.

Clusters
  NAME  ROLE      VERSION  AVAILABLE  NODES  MACHINES  COMPONENTS
  demo  workload  v1.36.3  yes        3/3    3/3       1/1

Addresses
  Pager *  http://127.0.0.1:19099

Kubeconfigs
  demo  export KUBECONFIG=/state/kubeconfig-demo

Pages
  FIRING   page     demo: CertificateExpiresSoon: one day left
           runbook: http://127.0.0.1:19099/runbooks/x

* Not as in production
  Pager  local  for your on-call tool  docs/sandbox.md#clusters

Last start
  tools  1.3 s
  world  2.0 s
  3.3 s together
`);
});

test('people of organizations have a kubeconfig each', () => {
  const people = [{ name: 'demo-admin', organization: 'demo', role: 'admin', kubeconfig: '/state/kubeconfig-demo-admin' }];
  expect(renderScreen({ ...fleet, people })).toContain('\nPeople (in the management cluster)\n  demo-admin  admin of demo  export KUBECONFIG=/state/kubeconfig-demo-admin\n');
});

test('what is not ready is named with its reason', () => {
  const broken = { ...fleet, clusters: [{ ...demo, available: false, reason: 'control plane is not initialized', components: [{ name: 'metrics-server', ready: false, reason: 'image not found' }] }] };
  const text = renderScreen(broken);
  expect(text).toContain('The fleet is not complete.');
  expect(text).toContain('demo is not available: control plane is not initialized');
  expect(text).toContain('demo/metrics-server: image not found');
});

test.each([
  ['no cluster', { ...fleet, clusters: [] }],
  ['a node that is not ready', { ...fleet, clusters: [{ ...demo, nodes: { ready: 2, total: 3 } }] }],
  ['no node', { ...fleet, clusters: [{ ...demo, nodes: { ready: 0, total: 0 } }] }],
  ['a component that is not ready', { ...fleet, clusters: [{ ...demo, components: [{ name: 'a', ready: false }] }] }],
  ['a stand-in', { ...fleet, standIns: [{ image: 'x', reason: 'y' }] }],
])('%s is not healthy', (_, status) => {
  expect(isHealthy(fleet)).toBe(true);
  expect(isHealthy(status)).toBe(false);
});

test.each(Object.values(substitutes).map((one) => [one.what, one.docs] as const))('what stands in for %s is explained in %s', (_, docs) => {
  const [file = '', anchor] = docs.split('#');
  const headings = readFileSync(join(import.meta.dirname, '../../..', file), 'utf8').split('\n').filter((line) => line.startsWith('#'));
  expect(headings.map((line) => line.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'))).toContain(anchor);
});
