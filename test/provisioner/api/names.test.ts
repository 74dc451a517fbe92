import { expect, test } from '@jest/globals';
import { clusterClassName, isOurClass } from '../../../provisioner/api/names.ts';

test('versions of the class are known by their whole name', () => {
  expect([clusterClassName, 'openstack-v2', 'openstack-v10'].map(isOurClass)).toEqual([true, true, true]);
  expect([undefined, '', 'openstack-v', 'openstack-v0', 'my-openstack-v1', 'openstack-v1-fork', 'quick-start'].map(isOurClass)).toEqual(Array(7).fill(false));
});
