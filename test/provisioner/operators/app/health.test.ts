import type { KubeObject } from '../../../../provisioner/kube/index.ts';
import { checkFor } from '../../../../provisioner/operators/app/health.ts';

function health(kind: string, spec: object, status: object, apiVersion = 'apps/v1') {
  const object: KubeObject = { apiVersion, kind, metadata: { name: 'x', generation: 2 }, spec, status };
  return checkFor(object)?.check(object);
}

describe('health of a Deployment', () => {
  const good = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  it.each([
    ['rolled out', good, { kind: 'healthy' }],
    ['not seen by its controller', { ...good, observedGeneration: 1 }, { kind: 'progressing' }],
    ['half updated', { ...good, updatedReplicas: 1 }, { kind: 'progressing', message: '1 of 2 pods are updated' }],
    ['with an old pod', { ...good, replicas: 3 }, { kind: 'progressing', message: '1 old pods are still there' }],
    ['not available', { ...good, availableReplicas: 0 }, { kind: 'progressing', message: '0 of 2 pods are available' }],
    ['without a status', {}, { kind: 'progressing' }],
    ['given up', { ...good, availableReplicas: 0, conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'too slow' }] }, { kind: 'failed', message: 'too slow' }],
  ])('%s', (_name, status, expected) => {
    expect(health('Deployment', { replicas: 2 }, status)).toMatchObject(expected);
  });

  it('scaled to nothing is healthy', () => {
    expect(health('Deployment', { replicas: 0 }, { observedGeneration: 2 })).toEqual({ kind: 'healthy' });
  });
});

describe('health of a DaemonSet', () => {
  const good = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };
  it.each([
    ['everywhere', good, { kind: 'healthy' }],
    ['missing on a node', { ...good, numberAvailable: 2 }, { kind: 'progressing', message: '2 of 3 pods are available' }],
    ['on no node', { observedGeneration: 2, desiredNumberScheduled: 0 }, { kind: 'healthy' }],
  ])('%s', (_name, status, expected) => {
    expect(health('DaemonSet', {}, status)).toMatchObject(expected);
  });

  it('does not wait for pods that are updated by hand', () => {
    expect(health('DaemonSet', { updateStrategy: { type: 'OnDelete' } }, { ...good, updatedNumberScheduled: 0 })).toEqual({ kind: 'healthy' });
  });
});

describe('health of an APIService', () => {
  it.each([['True', 'healthy'], ['False', 'progressing']])('Available %s is %s', (status, kind) => {
    const conditions = [{ type: 'Available', status, reason: 'R', message: 'no endpoints' }];
    expect(health('APIService', {}, { conditions }, 'apiregistration.k8s.io/v1')).toMatchObject({ kind });
  });
});

describe('health of a Prometheus', () => {
  const conditions = (observedGeneration: number) => [{ type: 'Available', status: 'True', reason: '', message: '', observedGeneration }];
  it.each([
    ['available', { conditions: conditions(2) }, 'healthy'],
    ['available as it was before', { conditions: conditions(1) }, 'progressing'],
    ['not seen by prometheus-operator', {}, 'progressing'],
  ])('%s', (_name, status, kind) => {
    expect(health('Prometheus', {}, status, 'monitoring.coreos.com/v1')).toMatchObject({ kind });
  });
});

it('other kinds have no health of their own', () => {
  expect(health('ConfigMap', {}, {}, 'v1')).toBeUndefined();
});
