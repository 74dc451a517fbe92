import { expect, test } from '@jest/globals';
import { checkShape } from '../../../sandbox/fleet/shape.ts';

test.each([{}, { controlPlanes: 1 }, { controlPlanes: 3, workers: 30, clusters: 32, kubernetesVersion: 'v1.35.4' }, { kubernetesVersion: 'v1.36.3' }])('%j is possible', (shape) => {
  expect(() => checkShape(shape)).not.toThrow();
});

test.each([
  [{ controlPlanes: 2 }, /^--control-planes 2 is not possible; give 1 or 3/],
  [{ controlPlanes: Number.NaN }, /^--control-planes NaN/],
  [{ workers: 0 }, /^--workers 0 is not possible; give a whole number from 1 to 30/],
  [{ workers: 1.5 }, /^--workers 1.5/],
  [{ clusters: 33 }, /^--clusters 33 is not possible; give a whole number from 1 to 32/],
  [{ kubernetesVersion: '1.35.4' }, /^--kubernetes-version 1.35.4 is not possible; give v1.36.3 or v1.35.4/],
])('%j is refused with what may be given', (shape, message) => {
  expect(() => checkShape(shape)).toThrow(expect.objectContaining({ code: 'FLEET_BAD_OPTION', message: expect.stringMatching(message) }));
});
