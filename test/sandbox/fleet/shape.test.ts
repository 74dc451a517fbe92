import { expect, test } from '@jest/globals';
import { checkShape, clusterCount } from '../../../sandbox/fleet/shape.ts';

test.each([{}, { controlPlanes: 1 }, { controlPlanes: 3, workers: 30, clusters: 32, kubernetesVersion: 'v1.35.4' }, { kubernetesVersion: 'v1.36.3' }])('%j is possible', (shape) => {
  expect(() => checkShape(shape)).not.toThrow();
});

test.each([
  [{ controlPlanes: 2 }, /^--control-planes 2 is not possible; give 1 or 3/],
  [{ controlPlanes: Number.NaN }, /^--control-planes NaN/],
  [{ workers: 0 }, /^--workers 0 is not possible; give a whole number from 1 to 30/],
  [{ workers: 1.5 }, /^--workers 1.5/],
  [{ clusters: 33 }, /^--clusters 33 is not possible; give a whole number from 1 to 32/],
  [{ organizations: 0 }, /^--organizations 0 is not possible; give a whole number from 1 to 32/],
  [{ organizations: 2, clusters: 2 }, /^--clusters 2 is not possible; give one of --clusters and --organizations/],
  [{ kubernetesVersion: '1.35.4' }, /^--kubernetes-version 1.35.4 is not possible; give v1.36.3 or v1.35.4/],
])('%j is refused with what may be given', (shape, message) => {
  expect(() => checkShape(shape)).toThrow(expect.objectContaining({ code: 'FLEET_BAD_OPTION', message: expect.stringMatching(message) }));
});

test('every organization has one cluster', () => expect([clusterCount({}), clusterCount({ clusters: 3 }), clusterCount({ organizations: 2 })]).toEqual([1, 3, 2]));
