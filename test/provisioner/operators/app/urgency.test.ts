import { describe, expect, test } from '@jest/globals';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { urgencyOf } from '../../../../provisioner/operators/app/urgency.ts';

const release = { name: 'a', namespace: 'n', chart: 'c', version: '1.0.0', revision: 1, digest: 'sha256:0' };

function app(o: { readonly ready?: 'True' | 'False'; readonly observed?: number; readonly isOfBundle?: boolean; readonly isInstalled?: boolean; readonly isDeleted?: boolean } = {}): AppObject {
  const { ready = 'True', observed = 2, isOfBundle = true, isInstalled = true, isDeleted = false } = o;
  return {
    apiVersion: 'keelson.dev/v1alpha1', kind: 'App',
    metadata: { name: 'a', namespace: 'n', generation: 2, ...(isOfBundle ? { labels: { 'app.kubernetes.io/managed-by': 'keelson', 'keelson.dev/bundle': '1.0.0' } } : {}), ...(isDeleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
    spec: { chart: 'c', namespace: 'n', values: {}, dependsOn: [] },
    status: { observedGeneration: observed, ...(isInstalled ? { release } : {}), conditions: [{ type: 'Ready', status: ready, reason: 'Installed', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] },
  };
}

describe('urgency of an App', () => {
  test.each([
    ['a look at one that is Ready', app(), 'soon'],
    ['a new version of what a bundle installed, not begun', app({ observed: 1 }), 'later'],
    ['the same, begun', app({ ready: 'False' }), 'soon'],
    ['the first installation of a bundle', app({ observed: 1, isInstalled: false }), 'now'],
    ['an App that a person changed', app({ observed: 1, isOfBundle: false }), 'now'],
    ['one that fails', app({ ready: 'False', isOfBundle: false }), 'now'],
    ['one that is deleted', app({ observed: 1, isDeleted: true }), 'now'],
    ['one that is gone', undefined, 'soon'],
  ] as const)('%s', (_what, given, urgency) => {
    expect(urgencyOf(given)).toBe(urgency);
  });
});
