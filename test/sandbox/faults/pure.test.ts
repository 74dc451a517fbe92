/** The parts of faults that are values: rules, names of programs, spans of time, what a command line asks for. */
import { secondsOf } from '../../../sandbox/faults/duration.ts';
import { programName } from '../../../sandbox/faults/kinds/process.ts';
import { filterText } from '../../../sandbox/faults/packet-filter.ts';
import { requestOf, type BreakOptions } from '../../../provisioner/cli/commands/sandbox.ts';

test('each drop is one rule that names its fault; without faults there is no table', () => {
  const text = filterText(new Map([
    ['link-1', [{ tap: 'tap1', direction: 'out' as const, peers: ['10.0.0.2', '10.100.1.0/24', '10.0.0.2'] }]],
    ['zone-1', [{ tap: 'tap2', direction: 'in' as const, exceptPeers: ['10.0.0.3'] }]],
    ['mtu-1', [{ tap: 'tap3', direction: 'out' as const, longerThan: 1300 }]],
    ['loss-1', [{ tap: 'tap4', direction: 'in' as const, percent: 12.5 }]],
  ]));
  expect(text).toContain('    iifname "tap1" ip daddr { 10.0.0.2, 10.100.1.0/24 } counter drop comment "link-1"\n');
  expect(text).toContain('    oifname "tap2" ip saddr != { 10.0.0.3 } counter drop comment "zone-1"\n');
  expect(text).toContain('    iifname "tap3" meta length > 1300 counter drop comment "mtu-1"\n');
  expect(text).toContain('    oifname "tap4" numgen random mod 100000 < 12500 counter drop comment "loss-1"\n');
  expect(filterText(new Map())).toBe('table bridge keelson_faults\ndelete table bridge keelson_faults\n');
});

test.each([
  [['/opt/keelson/tools/etcd', '--name', 'x'], 'etcd'], [['kubelet', '--config=x'], 'kubelet'],
  [['/opt/keelson/bin/node', '--max-old-space-size=128', '/opt/keelson/programs/container-runtime.mjs', '/etc/x.json'], 'container-runtime'], [['node'], 'node'], [[''], undefined], [[], undefined],
  [['node', '/app/keelson.mjs', 'operator', '--workers=4'], 'keelson-operator'],
])('%j is known as %s', (argv, name) => {
  expect(programName(argv)).toBe(name);
});

test.each([['500ms', 0.5], ['30s', 30], ['1.5m', 90], ['2h', 7200], ['1d', 86_400], ['-90s', -90]])('%s is %d seconds', (text, seconds) => {
  expect(secondsOf(text, '--for')).toBe(seconds);
});

test('a manager is known by the tool that is mounted there', () => {
  expect(programName(['/manager', '--leader-elect'], '/tools/cluster-api-provider-openstack-v0.14.7-abc/capo-manager')).toBe('capo-manager');
});

test.each(['', '30', 'soon', '5 minutes'])('"%s" is no span of time, and it is said what is', (text) => {
  expect(() => secondsOf(text, '--for')).toThrow(expect.objectContaining({ code: 'FAULT_BAD_PARAMETER', message: `--for: "${text}" is no span of time; write 500ms, 30s, 5m, 2h or 1d` }));
});

const asked = (what: string, options: Record<string, string | number | boolean>): object => requestOf(what, { output: 'table', ...options } as BreakOptions);

test.each<[string, Record<string, string | number | boolean>, object]>([
  ['node', { node: 'w1', direction: 'in', for: '30s' }, { what: 'node', target: 'w1', direction: 'in', forSeconds: 30 }],
  ['zone', { zone: 'az1' }, { what: 'zone', target: 'az1' }],
  ['link', { from: 'a', to: 'b', oneWay: true }, { what: 'link', from: 'a', to: 'b', oneWay: true }],
  ['dns', {}, { what: 'dns' }],
  ['mtu', { node: 'w1', bytes: 1300 }, { what: 'mtu', target: 'w1', bytes: 1300 }],
  ['latency', { node: 'w1', delay: '200ms', jitter: '1s' }, { what: 'latency', target: 'w1', ms: 200, jitterMs: 1000 }],
  ['loss', { node: 'w1', percent: 5, direction: 'both' }, { what: 'loss', target: 'w1', percent: 5, direction: 'both' }],
  ['machine', { node: 'w1', how: 'disk-full', path: '/var' }, { what: 'machine', target: 'w1', how: 'disk-full', path: '/var' }],
  ['clock', { cluster: 'demo', how: 'wrong', offset: '-5m' }, { what: 'clock', target: 'demo', how: 'wrong', offsetSeconds: -300 }],
  ['process', { name: 'etcd', node: 'cp', how: 'kill' }, { what: 'process', target: 'etcd', node: 'cp', how: 'kill' }],
  ['cert', { target: 'ns/name', cluster: 'demo', how: 'expired' }, { what: 'cert', target: 'ns/name', cluster: 'demo', how: 'expired' }],
  ['api', { effect: 'rateLimit', retryAfter: '5s', service: 'compute', count: 3 }, { what: 'api', service: 'compute', count: 3, effect: { kind: 'rateLimit', retryAfterSeconds: 5 } }],
  ['api', { effect: 'status', status: 503, method: 'POST', path: '/v2.1/servers' }, { what: 'api', method: 'POST', path: '/v2.1/servers', effect: { kind: 'status', status: 503 } }],
])('break %s %j asks for what it says', (what, options, request) => {
  expect(asked(what, options)).toEqual(request);
});

test.each<[string, Record<string, string | number | boolean>, RegExp]>([
  ['loss', { node: 'w1', percent: 0 }, /^loss: percent: /], ['api', { effect: 'status' }, /^api: effect\.status: /], ['mtu', { node: 'w1', bytes: 5 }, /^mtu: bytes: /], ['api', { effect: 'hang', service: 'dns' }, /^api: service: must be one of .*compute/],
  ['api', { effect: 'halfApplied', answer: 'error', method: 'GET' }, /^api: method: GET changes nothing/], ['api', { effect: 'hang', path: '/**/pools' }, /^api: path: \*\* may only stand at the end/],
])('break %s %j is refused with the name of what is wrong', (what, options, message) => {
  expect(() => asked(what, options)).toThrow(expect.objectContaining({ code: 'FAULT_BAD_PARAMETER', message: expect.stringMatching(message) as string }));
});
