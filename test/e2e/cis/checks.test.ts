/** The checks can fail: what nodes say, by hand. */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { controlPlaneChecks, nodeChecks } from './checks.ts';
import { factsScript, readFacts } from './facts.ts';

const said = (id: string, text: string): string | undefined => [...controlPlaneChecks, ...nodeChecks].find((check) => check.id === id)!.wrong(readFacts(text, () => ({})));
const process = (...argv: string[]): string => `process\t${argv.join('\u001f')}\u001f\n`;

describe('kube-proxy, which is told by a file where its metrics are', () => {
  const proxy = process('/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf', '--hostname-override=n');
  test.each([
    ['loopback', 'listen\t0100007F:2809\n', undefined],
    ['loopback of IPv6', 'listen\t00000000000000000000000001000000:2809\n', undefined],
    ['every address', 'listen\t00000000:2809\n', 'port 10249 listens on 0.0.0.0'],
    ['every address of IPv6', 'listen\t00000000000000000000000000000000:2809\n', 'port 10249 listens on ::'],
    ['the node too', 'listen\t0100007F:2809\nlisten\t0A06000A:2809\n', 'port 10249 listens on 127.0.0.1, 10.0.6.10'],
    ['nowhere', 'listen\t00000000:280A\n', 'nothing listens on port 10249'],
  ])('%s', (_what, sockets, wrong) => expect(said('4.3.1', proxy + sockets)).toBe(wrong));
});

describe('files of the network plugin', () => {
  const file = (mode: string, owner = 'root:root'): string => `file\t755\troot:root\td\t/etc/cni/net.d\nfile\t${mode}\t${owner}\tf\t/etc/cni/net.d/05-cilium.conflist\n`;
  test.each([
    ['that only root reads', file('600'), undefined],
    ['that everybody reads', file('644'), '/etc/cni/net.d/05-cilium.conflist is 644 root:root'],
    ['of somebody else', file('600', 'cilium:cilium'), '/etc/cni/net.d/05-cilium.conflist is 600 cilium:cilium'],
    ['that nobody has written', '', undefined],
  ])('%s', (_what, text, wrong) => expect(said('1.1.9', text)).toBe(wrong));
});

test('the script sees what this machine listens on', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const { stdout } = spawnSync('sh', ['-c', factsScript], { encoding: 'utf8', timeout: 20_000 });
  await new Promise((resolve) => server.close(resolve));
  const { listening } = readFacts(stdout, () => ({}));
  expect(listening).toContainEqual({ address: '127.0.0.1', port });
});
