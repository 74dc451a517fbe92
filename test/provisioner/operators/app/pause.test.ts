import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { pauseOf } from '../../../../provisioner/operators/app/pause.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';

const now = new Date('2026-01-31T12:00:00Z');
const app = (annotations: Record<string, string> = {}): AppObject => ({ apiVersion: '', kind: 'App', metadata: { name: 'a', annotations }, spec: { chart: '', namespace: '', values: {}, dependsOn: [] } });
const paused: Cluster = { apiVersion: '', kind: 'Cluster', metadata: { name: 'c' }, spec: { paused: true } };

it.each([
  ['nothing', {}, undefined, 'no'],
  ["Cluster API's annotation", { 'cluster.x-k8s.io/paused': '' }, undefined, 'Annotated'],
  ['a Cluster that is paused', {}, paused, 'Annotated'],
  ['a time to come', { 'keelson.dev/paused-until': '2026-01-31T14:00:00+01:00' }, undefined, 'UntilTime'],
  ['a time that is over', { 'keelson.dev/paused-until': '2026-01-31T12:00:00Z' }, undefined, 'no'],
  ['no time: better too quiet than too busy', { 'keelson.dev/paused-until': 'tomorrow 1' }, undefined, 'UntilUnreadable'],
])('%s', (_name, annotations, cluster, expected) => {
  const pause = pauseOf(app(annotations), cluster, now);
  expect(pause.kind === 'no' ? 'no' : pause.reason).toBe(expected);
});
