/** Handshakes with real TLS servers: a kube-apiserver, an etcd that wants a client certificate, servers of our own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions } from 'node:tls';
import { resources } from '../../../provisioner/kube/resources.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { createCa, type PemPair, type TestCa } from '../../fixtures/certificates.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { startWith, type Running } from './running-exporter.ts';

describe('endpoints', () => {
  let folder: string;
  let ca: TestCa;
  let exporter: Running | undefined;
  const servers: Server[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'endpoints-'));
    ca = await createCa();
    await writeFile(join(folder, 'ca.crt'), ca.cert);
  });
  afterEach(async () => {
    await exporter?.stop();
    for (const server of servers.splice(0)) server.close();
  });
  afterAll(() => rm(folder, { recursive: true }));

  const issue = (over: object = {}): Promise<PemPair> => ca.issue({ commonName: 'web', addresses: ['127.0.0.1'], usage: 'server', ...over });
  const listen = async (server: Server): Promise<string> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const serve = (options: TlsOptions): Promise<string> => listen(createServer(options).on('tlsClientError', () => undefined));
  const probe = async (...targets: object[]): Promise<void> => void (exporter = await startWith({ config: { endpoints: { targets, intervalSeconds: 0.1, timeoutSeconds: 1 } }, isReadyAwaited: false }));
  const value = (family: string, address: string) => async (): Promise<string | undefined> => (await exporter!.series(`cert_exporter_endpoint_${family}`)).find((line) => line.includes(address))?.split(' ').at(-1);
  const until = (family: string, address: string, wanted: string): Promise<void> => exporter!.until(`cert_exporter_endpoint_${family}`, (lines) => lines.some((line) => line.includes(address) && line.endsWith(` ${wanted}`)));

  test('verified against a CA and the name; expired and foreign ones are shown all the same, as not verified', async () => {
    const good = await serve(await issue());
    const expired = await serve(await issue({ notAfter: new Date(Date.now() - 1000) }));
    const elsewhere = await serve(await ca.issue({ commonName: 'web', dnsNames: ['web.example'], usage: 'server' }));
    const caFile = join(folder, 'ca.crt');
    await probe({ address: good, caFile }, { address: expired, caFile }, { address: elsewhere, caFile }, { address: elsewhere, caFile, serverName: 'web.example' });
    await until('verified', good, '1');
    expect(await value('verified', expired)()).toBe('0');
    expect(await exporter!.series('cert_exporter_endpoint_verified')).toEqual(expect.arrayContaining([
      `cert_exporter_endpoint_verified{endpoint="${elsewhere}",servername=""} 0`, `cert_exporter_endpoint_verified{endpoint="${elsewhere}",servername="web.example"} 1`,
    ]));
    expect(await exporter!.series('cert_exporter_endpoint_not_after')).toHaveLength(4);
    expect(Number(await value('handshake_seconds', good)())).toBeGreaterThan(0);
    expect(await exporter!.series('cert_exporter_endpoint_stale')).toEqual([]);
  }, 30_000);

  test('a certificate renewed on disk and not loaded is stale until the server loads it', async () => {
    const [first, second] = [await issue(), await issue()];
    const file = join(folder, 'served.crt');
    await writeFile(file, first.cert);
    const server = createServer(first);
    const address = await listen(server);
    await probe({ address, servesFile: file });
    await until('stale', address, '0');
    await writeFile(file, second.cert);
    await until('stale', address, '1');
    server.setSecureContext(second);
    await until('stale', address, '0');
    await rm(file);
    await exporter!.until('cert_exporter_source_errors_total', (lines) => lines.some((line) => line.includes('expected_missing')));
    expect(await exporter!.series('cert_exporter_endpoint_stale')).toEqual([]);
  }, 30_000);

  test('one list for all nodes: its address comes from the environment, and a target whose file is not here is left alone', async () => {
    const certificate = await issue();
    const file = join(folder, 'here.crt');
    const address = await serve(certificate);
    process.env['HOST_OF_THIS_TEST'] = '127.0.0.1';
    await probe({ address: `$(HOST_OF_THIS_TEST):${address.split(':')[1]}`, servesFile: file, onlyWithFile: true });
    await exporter!.until('cert_exporter_source_up', (lines) => lines.some((line) => line === 'cert_exporter_source_up{source="endpoints"} 1'));
    expect(await exporter!.series('cert_exporter_endpoint_verified')).toEqual([]);
    await writeFile(file, certificate.cert);
    await until('stale', address, '0');
    await rm(file);
    await exporter!.until('cert_exporter_endpoint_stale', (lines) => lines.length === 0);
    expect(await exporter!.series('cert_exporter_source_errors_total')).toEqual([]);
  }, 30_000);

  test('no answer, no TLS and no server at all are counted, in time, and hide nobody', async () => {
    const silent = await listen(createTcpServer(() => undefined));
    const plain = await listen(createTcpServer((socket) => void socket.end('HTTP/1.0 400 Bad Request\r\n\r\n')));
    const good = await serve(await issue());
    const gone = await listen(createTcpServer());
    servers.pop()!.close();
    await probe(...[silent, plain, gone, good].map((address) => ({ address })));
    await exporter!.until('cert_exporter_source_errors_total', (lines) => lines.some((line) => line.includes('handshake_failed') && Number(line.split(' ').at(-1)) >= 3));
    expect((await exporter!.series('cert_exporter_endpoint_not_after')).map((line) => line.includes(good))).toEqual([true]);
    expect(await exporter!.series('cert_exporter_source_up')).toEqual(['cert_exporter_source_up{source="endpoints"} 1']);
  }, 30_000);
});

describeWith(apiServerNeeds, 'the endpoint of an API server', () => {
  let api: ApiServer;
  let folder: string;
  beforeAll(async () => {
    api = await startApiServer();
    folder = await mkdtemp(join(tmpdir(), 'endpoints-'));
    await writeFile(join(folder, 'ca.crt'), api.ca.cert);
  }, 150_000);
  afterAll(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('is verified, and stale against a Secret that holds another certificate', async () => {
    const { cert, key } = await api.ca.issue({ commonName: 'other', usage: 'server' });
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', metadata: { name: 'serving', namespace: 'default' }, data: { 'tls.crt': base64(cert), 'tls.key': base64(key) } });
    const address = `127.0.0.1:${api.port}`;
    const exporter = await startWith({
      config: { secrets: { enabled: true }, endpoints: { targets: [{ address, caFile: join(folder, 'ca.crt'), servesSecret: 'default/serving' }], intervalSeconds: 0.2 } },
      client: () => Promise.resolve(api.client.fork()),
    });
    try {
      await exporter.until('cert_exporter_endpoint_stale', ([line]) => line?.endsWith(' 1') === true);
      expect(await exporter.series('cert_exporter_endpoint_verified')).toEqual([`cert_exporter_endpoint_verified{endpoint="${address}",servername=""} 1`]);
      expect((await exporter.get('/metrics')).text).toContain('subject_cn="kube-apiserver"');
    } finally {
      await exporter.stop();
    }
  }, 60_000);
});
