import { expect, test } from '@jest/globals';
import { explain, messageOf } from '../../../provisioner/cli/explain.ts';

test('the message of an error names its causes once', () => {
  const cause = new Error('ECONNREFUSED 198.51.100.2:5000');
  expect(messageOf(new Error('cannot reach Keystone', { cause }))).toBe('cannot reach Keystone: ECONNREFUSED 198.51.100.2:5000');
  expect(messageOf(new Error('cannot reach: ECONNREFUSED 198.51.100.2:5000', { cause }))).toBe('cannot reach: ECONNREFUSED 198.51.100.2:5000');
});

test('an error is one line with its code', () => {
  const error = Object.assign(new Error('no such cluster'), { code: 'FLEET_NO_CLUSTER' });
  expect(explain(error)).toBe('keelson: no such cluster [FLEET_NO_CLUSTER]');
});

test('with its stack come the stacks of its causes', () => {
  const text = explain(new Error('outer', { cause: new Error('inner') }), true);
  expect(text).toMatch(/^keelson: Error: outer\n/);
  expect(text).toMatch(/^caused by: keelson: Error: inner$/m);
});
