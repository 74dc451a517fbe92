import { apiServerOf, settled } from '../../../exporters/net/environment.ts';
import { flags, schema, type Config } from '../../../exporters/net/config.ts';
import { configOf } from '../config-files.ts';

describe('the configuration of net-exporter', () => {
  const load = (text: string, argv: string[] = []): Promise<Config> => configOf(schema, flags, text, argv);
  const problems = (text: string, argv: string[] = []): Promise<string[]> => load(text, argv).then(() => [], (error: Error) => error.message.split('\n').slice(error.message.startsWith('configuration') ? 1 : 0).map((line) => line.trim()));

  test('nothing needs to be said', async () => {
    expect(await load('')).toMatchObject({ address: ':8000', intervalSeconds: 15, mesh: { udpPort: 8001, ownZonePeers: 2, otherZonePeers: 1, fullMeshUpTo: 16 }, ntp: { servers: [] } });
  });

  test('all problems come at once, wherever they are, with the nearest known key', async () => {
    const found = await problems(`
meshh: {}
mesh: {peers: [{node: a, address: "1.2.3.4:80"}], datagram: 3}
dns: {names: ["a..b"], servers: [{name: a, address: nowhere}]}
targets: [{type: tcp, name: a, host: h, port: 0}, {type: http, name: b, url: "ftp://x"}, {type: icmp, name: c}]
`);
    for (const wanted of [
      'meshh: unknown key; did you mean "mesh"?', 'mesh.datagram: unknown key; did you mean "datagrams"?', 'mesh.peers.0.address: must be an IPv4 or IPv6 address', 'dns.names.0: must be a DNS name',
      'dns.servers.0.address: must be an IPv4 or IPv6 address', 'targets.0.port: ', 'targets.1.url: must be a URL with http or https', 'targets.2.type: ',
    ]) expect([wanted, found.filter((line) => line.startsWith(wanted))]).toEqual([wanted, [expect.any(String)]]);
  });

  test.each([
    ['mesh: {datagrams: 100, spacingMs: 100}', 'mesh: a round would take more than half of the interval of 15 s'],
    ['dns: {timeoutSeconds: 8}', 'dns.timeoutSeconds: must be at most half of intervalSeconds (7.5)'],
    ['ntp: {servers: [a], samples: 4, timeoutSeconds: 5}', 'ntp: samples × timeoutSeconds must be at most intervalSeconds'],
    ['ntp: {servers: ["a b"]}', 'ntp.servers.0: must be a name or an address'],
    ['targets: [{type: tcp, name: a, host: h, port: 1}, {type: tcp, name: a, host: i, port: 1}]', 'targets: "a" is there twice'],
  ])('%j is refused', async (text, message) => {
    expect((await problems(text))[0]).toContain(message);
  });

  test('the flags of the exporter that it replaces', async () => {
    const argv = ['-hosts=a.example.,b.example.', '-dns-service=coredns', '-dns-namespace=dns', '-disable-dns-tcp-check', '-namespace=monitoring', '-service=net', '-port=9000', '-ntp-servers=0.ntp.example,[2001:db8::1]:1123', '-timeout=500ms'];
    expect(await load('', argv)).toMatchObject({
      dns: { names: ['a.example.', 'b.example.'], service: 'coredns', namespace: 'dns', tcp: false },
      mesh: { namespace: 'monitoring', service: 'net', port: 9000, timeoutSeconds: 0.5 }, service: { port: 9000, timeoutSeconds: 0.5 },
      ntp: { servers: ['0.ntp.example', '[2001:db8::1]:1123'] },
    });
  });

  test.each([['--timeout=soon', 'write a duration'], ['--port=http', 'write a number'], ['--disable-dns-tcp-check=maybe', 'write true or false']])('%s is refused', async (argument, message) => {
    expect((await problems('', [argument]))[0]).toContain(`${argument}: ${message}`);
  });

  test('a pod learns from its environment what the configuration does not say', async () => {
    const env = { NODE_NAME: 'n1', NODE_ZONE: 'az1', POD_NAMESPACE: 'monitoring', NET_EXPORTER_SERVICE_HOST: '10.96.0.7', KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    expect(settled(await load(''), env, 'search x\nnameserver 10.96.0.10\nnameserver 10.96.0.11\n')).toMatchObject({
      node: { name: 'n1', zone: 'az1' }, mesh: { namespace: 'monitoring' }, service: { address: '10.96.0.7' }, dns: { address: '10.96.0.10', nodeLocalAddress: '' },
    });
    expect(settled(await load('node: {name: me}\nmesh: {namespace: mine}'), env, 'nameserver 169.254.20.10')).toMatchObject({
      node: { name: 'me' }, mesh: { namespace: 'mine' }, dns: { address: '', nodeLocalAddress: '169.254.20.10' },
    });
    expect(apiServerOf(env)).toEqual({ address: 'fd00::1', port: 6443 });
  });

  test('which node this is must be said where the mesh is on', async () => {
    const [on, off] = [await load(''), await load('mesh: {enabled: false}')];
    expect(() => settled(on, {}, '')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('NODE_NAME') as string }) as Error);
    expect(settled(off, {}, '').node.name).toBe('');
  });
});
