import { expect, test } from '@jest/globals';
import { clusterPage, pageText } from '../../../provisioner/cli/commands/cluster/status-page.ts';
import type { KubeObject } from '../../../provisioner/kube/index.ts';

const condition = (type: string, status: string, reason = '', message = '') => ({ type, status, reason, message, lastTransitionTime: '' });
const object = (name: string, spec: object, status: object, labels: Record<string, string> = {}): KubeObject => ({ apiVersion: 'v1', kind: 'X', metadata: { name, namespace: 'org-demo', labels }, spec, status });
const machine = (name: string, version: string, isReady: boolean, labels: Record<string, string>) => object(name, { version, failureDomain: 'az1' }, { phase: 'Running', conditions: [condition('Ready', isReady ? 'True' : 'False')] }, labels);

test('an upgrade in the middle fits on a page', () => {
  const page = clusterPage({
    cluster: object('demo', { topology: { version: 'v1.36.3' } }, { conditions: [condition('ControlPlaneInitialized', 'True'), condition('Available', 'True'), condition('RollingOut', 'True', 'RollingOut', 'Rolling out 1 not up-to-date replicas'), condition('keelson.dev/PreflightPassed', 'True', 'Passed', 'the cloud has what the cluster needs')] }),
    controlPlane: object('demo-cp', { replicas: 3 }, { version: 'v1.35.4', upToDateReplicas: 1, readyReplicas: 3 }),
    groups: [object('demo-az1-x', { replicas: 2 }, { upToDateReplicas: 0, readyReplicas: 2 }, { 'topology.cluster.x-k8s.io/deployment-name': 'az1' })],
    machines: [machine('demo-w', 'v1.35.4', true, { 'topology.cluster.x-k8s.io/deployment-name': 'az1' }), machine('demo-c', 'v1.36.3', false, { 'cluster.x-k8s.io/control-plane': '' })],
    apps: [object('a', {}, { conditions: [condition('Ready', 'True')] }), object('b', {}, {})],
  });
  expect(page.phase).toBe('changing');
  expect(pageText(page)).toBe(`Cluster org-demo/demo is changing, Kubernetes v1.35.4 → v1.36.3
  control plane: 3 wanted, 1 as they should be, 3 ready
  workers az1: 2 wanted, 0 as they should be, 2 ready
  apps: 1 of 2 ready

  demo-w  az1            v1.35.4  az1  Running
  demo-c  control plane  v1.36.3  az1  Running, not ready

Waits for
  RollingOut (RollingOut): Rolling out 1 not up-to-date replicas
`);
});

test.each<[string, object, object[], string]>([
  ['one that is refused', {}, [condition('keelson.dev/PreflightPassed', 'False', 'Refused', 'no flavor x')], 'being made'],
  ['one that runs', {}, [condition('ControlPlaneInitialized', 'True'), condition('Available', 'True', 'Available', '')], 'available'],
  ['one that is broken', {}, [condition('ControlPlaneInitialized', 'True'), condition('Available', 'False', 'NotAvailable', 'etcd has no majority')], 'not available'],
  ['one that goes', { deletionTimestamp: '2026-11-26T00:00:00Z' }, [condition('keelson.dev/CloudCleaned', 'False', 'RemovingLeftovers', 'removing load balancer x')], 'being deleted'],
])('%s', (_what, metadata, conditions, phase) => {
  const cluster = object('demo', { topology: { version: 'v1.36.3' } }, { conditions });
  const page = clusterPage({ cluster: { ...cluster, metadata: { ...cluster.metadata, ...metadata } }, controlPlane: undefined, groups: [], machines: [], apps: [] });
  expect(page.phase).toBe(phase);
  expect(page.waitsFor.map(({ message }) => message)).toEqual(conditions.map((one) => (one as { status: string; message: string })).filter(({ status }) => status === 'False').map(({ message }) => message));
});
