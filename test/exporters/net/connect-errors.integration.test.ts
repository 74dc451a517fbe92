/** Every kind of error of a connection, made by the kernel: routes that refuse in a network namespace of its own, and loopback. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect as open, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connectErrorOf, type ConnectResult } from '../../../exporters/net/connect.ts';
import { describeWith } from '../../fixtures/needs.ts';

const exporters = join(import.meta.dirname, '../../../exporters');

describeWith({ root: true, commands: ['ip', 'unshare'] }, 'connections in a network without ways', () => {
  test('what the kernel says is told by its kind', () => {
    const script = `import { connect } from ${JSON.stringify(join(exporters, 'net/connect.ts'))};
      import { systemClock as clock } from ${JSON.stringify(join(exporters, 'core/clock.ts'))};
      const signal = new AbortController().signal;
      const results = {};
      for (const host of ['127.0.0.1', '192.0.2.1', '198.51.100.1', '203.0.113.1', '10.9.9.9', '240.0.0.1', '2001:db8::1']) results[host] = await connect(host, 9, { timeoutMs: 300, clock, signal });
      console.log(JSON.stringify(results));`;
    // A neighbour that nobody is: the other end of the cable has no address, and answers no ARP.
    const setUp = 'ip link set lo up; ip route add unreachable 192.0.2.0/24; ip route add blackhole 198.51.100.0/24; ip route add prohibit 203.0.113.0/24; ip link add silent type veth peer name end; ip address add 10.9.9.1/24 dev silent; ip link set silent up; ip link set end up';
    const { stdout, stderr } = spawnSync('unshare', ['--net', 'sh', '-c', `set -e; ${setUp}; exec "$0" "$@"`, process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module-typescript', '-e', script], { encoding: 'utf8', env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` } });
    expect(stderr).toBe('');
    const results = JSON.parse(stdout) as Record<string, ConnectResult>;
    const told = Object.entries(results).map(([host, result]) => [host, result.kind === 'failed' ? `${result.error}: ${/\bE[A-Z]+\b/.exec(result.detail)?.[0] ?? result.detail}` : result.kind]);
    expect(told).toEqual([
      ['127.0.0.1', 'refused: ECONNREFUSED'],
      ['192.0.2.1', 'unreachable: EHOSTUNREACH'],
      ['198.51.100.1', 'no_route: EINVAL'],
      ['203.0.113.1', 'other: EACCES'],
      ['10.9.9.9', 'timeout: no answer within 300 ms'],
      ['240.0.0.1', 'no_route: ENETUNREACH'],
      ['2001:db8::1', 'no_route: ENETUNREACH'],
    ]);
  });
});

test('a connection that the other side ends with a reset', async () => {
  const server = createServer((socket) => socket.resetAndDestroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = open({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const [error] = await once(socket, 'error') as [NodeJS.ErrnoException];
  expect([error.code, connectErrorOf(error)]).toEqual(['ECONNRESET', 'reset']);
  await new Promise((resolve) => server.close(resolve));
});

test('what is written to a connection that has ended is a reset', () => {
  expect(['EPIPE', 'ECONNABORTED'].map((code) => connectErrorOf(Object.assign(new Error(code), { code })))).toEqual(['reset', 'reset']);
});

test('what has no kind of its own is other', () => {
  expect([new Error('no code'), Object.assign(new Error('full'), { code: 'EMFILE' }), undefined].map(connectErrorOf)).toEqual(['other', 'other', 'other']);
});
