/** The access rules of a cluster's credential let through what its programs asked of a real OpenStack (test/openstack/programs), and no more than their tasks need. */
import { describe, expect, test } from '@jest/globals';
import { workloadAccessRules } from '../../../../provisioner/operators/cluster/credential/access-rules.ts';
import { matches } from '../../../../sandbox/openstack/keystone/access-rules.ts';
import { programNames, readKinds } from '../../../openstack/programs/recordings.ts';

/** What the endpoints of a service end with, which recordings leave out. */
const prefixes: Readonly<Record<string, string>> = { compute: '/v2.1', volumev3: '/v3/f00d' };

const isLetThrough = (service: string, method: string, path: string): boolean =>
  workloadAccessRules.some((rule) => rule.service === service && rule.method === method && matches(rule.path, path));

describe.each(programNames)('the calls of %s', (name) => {
  test('are let through', () => {
    const calls = readKinds(name).map((kind) => kind.split(' ')).filter(([service]) => service !== 'identity');
    const refused = calls.filter(([service = '', method = '', route = '']) => !isLetThrough(service, method, `${prefixes[service] ?? ''}${route.replace(/\?.*/, '').replaceAll('{id}', '0a')}`));
    expect(calls.length).toBeGreaterThan(15);
    expect(refused).toEqual([]);
  });
});

test.each([
  ['compute', 'POST', '/v2.1/servers'], ['compute', 'DELETE', '/v2.1/servers/0a'], ['compute', 'POST', '/v2.1/servers/0a/action'], ['network', 'DELETE', '/v2.0/networks/0a'], ['network', 'DELETE', '/v2.0/ports/0a'],
  ['volumev3', 'POST', '/v3/f00d/types'], ['image', 'GET', '/v2/images'],
])('%s %s %s is not', (service, method, path) => {
  expect(isLetThrough(service, method, path)).toBe(false);
});
