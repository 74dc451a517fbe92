import type { KubeObject } from '../../../../provisioner/kube/index.ts';
import { compare } from '../../../../provisioner/operators/app/drift/compare.ts';
import { dueInMs } from '../../../../provisioner/operators/app/drift/schedule.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';

/** A Deployment as the API server has it after Helm applied it and others changed it. */
function deployment(o: { replicas?: number; image?: string; label?: string; managers?: object[] } = {}): KubeObject {
  const helm = { manager: 'helm', operation: 'Apply', time: '2026-01-01T00:00:00Z', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {}, 'f:image': {} } } } } } } };
  return {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'n', labels: { app: o.label ?? 'web' }, managedFields: [helm, ...(o.managers ?? [])] } as KubeObject['metadata'],
    spec: { replicas: o.replicas ?? 2, template: { spec: { containers: [{ name: 'web', image: o.image ?? 'a' }] } } },
  };
}
const set = (manager: string, fieldsV1: object, subresource?: string) => ({ manager, operation: 'Update', time: '2026-01-02T00:00:00Z', fieldsV1, ...(subresource ? { subresource } : {}) });
const replicas = { 'f:spec': { 'f:replicas': {} } };
const look = (live: KubeObject, meant: { managers?: string[]; fields?: string[] } = {}) => compare(live, deployment(), { helm: 'helm', meant: { managers: [], fields: [], ...meant } }).fields;

it('nothing differs, nothing is told', () => {
  expect(look(deployment())).toEqual([]);
});

it.each([
  ['an edit', deployment({ image: 'b', managers: [set('kubectl-edit', { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {} } } } } } })] }), { field: 'spec.template.spec.containers[web].image', change: 'changed', by: 'kubectl-edit' }],
  ['a scale', deployment({ replicas: 5, managers: [set('kubectl', replicas, 'scale')] }), { field: 'spec.replicas', change: 'changed', by: 'kubectl' }],
  ['a label that the chart sets', deployment({ label: 'other', managers: [set('kubectl-label', { 'f:metadata': { 'f:labels': { 'f:app': {} } } })] }), { field: 'metadata.labels.app', change: 'changed', by: 'kubectl-label' }],
  ['a label beside those of the chart', deployment({ managers: [set('kubectl-label', { 'f:metadata': { 'f:labels': { 'f:mine': {} } } })] }), { field: 'metadata.labels.mine', change: 'added', by: 'kubectl-label' }],
])('%s is told with its field and who did it', (_name, live, expected) => {
  expect(look(live)).toEqual([expected]);
});

it.each([
  ["an autoscaler's", deployment({ replicas: 9, managers: [set('kube-controller-manager', replicas, 'scale')] }), {}],
  ['those of a manager that the App names', deployment({ replicas: 9, managers: [set('own-scaler', replicas)] }), { managers: ['own-scaler'] }],
  ['those of a field that the App names', deployment({ replicas: 9, managers: [set('kubectl', replicas)] }), { fields: ['Deployment:spec.replicas'] }],
  ['a restart by kubectl', deployment({ managers: [set('kubectl-rollout', { 'f:spec': { 'f:template': { 'f:metadata': { 'f:annotations': { 'f:kubectl.kubernetes.io/restartedAt': {} } } } } })] }), {}],
  ['what another controller adds', deployment({ managers: [set('istiod', { 'f:metadata': { 'f:annotations': { 'f:x': {} } } })] }), {}],
  ['the status', deployment({ managers: [set('kubectl', { 'f:status': { 'f:x': {} } }, 'status')] }), {}],
])('changes are meant to be: %s', (_name, live, meant) => {
  expect(look(live, meant)).toEqual([]);
});

it('a field of another kind is not meant', () => {
  expect(look(deployment({ replicas: 9, managers: [set('kubectl', replicas)] }), { fields: ['StatefulSet:spec.replicas', 'spec.replica'] })).toHaveLength(1);
});

describe('when', () => {
  const app = (uid: string, checkedAt?: string): AppObject => ({
    apiVersion: '', kind: 'App', metadata: { name: 'a', uid, creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { chart: '', namespace: '', values: {}, dependsOn: [] },
    status: checkedAt ? { drift: { checkedAt, total: 0, fields: [] } } : {},
  });
  const hours = (a: AppObject) => dueInMs(a, { now: new Date('2026-01-01T00:00:00Z'), intervalMs: 6 * 3_600_000 }) / 3_600_000;

  it('the first within the interval, the next around it, each App at its own time and always the same', () => {
    const first = Array.from({ length: 200 }, (_, i) => hours(app(`uid-${i}`)));
    expect([Math.min(...first) >= 0, Math.max(...first) <= 6, new Set(first.map(Math.floor)).size]).toEqual([true, true, 6]);
    const next = Array.from({ length: 200 }, (_, i) => hours(app(`uid-${i}`, '2026-01-01T00:00:00Z')));
    expect([Math.min(...next) >= 4.8, Math.max(...next) <= 7.2]).toEqual([true, true]);
    expect(hours(app('x', '2026-01-01T00:00:00Z'))).toBe(hours(app('x', '2026-01-01T00:00:00Z')));
  });
});
