/** Both exporters in one process, as they stand in the image: bundled, in a folder that cannot be written. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { writeBundle } from '../../fixtures/bundled.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { OpenSsl } from '../cert/openssl.ts';

interface Ended { readonly code: number | null; readonly said: string }

describeWith({ commands: ['openssl'] }, 'node-exporters', () => {
  const openssl = new OpenSsl();
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'node-exporters-'));
    await writeBundle(join(folder, 'app'), { 'net-exporter': 'exporters/net/main.ts', 'node-exporters': 'exporters/node/main.ts' });
    await mkdir(join(folder, 'pki'));
    openssl.certificate('ec', { serial: '0e' });
    openssl.run('pkcs12', '-export', '-in', 'ec.crt', '-inkey', 'ec.key', '-out', join(folder, 'pki/a.p12'), '-passout', 'pass:');
    await chmod(join(folder, 'app'), 0o555);
  }, 60_000);
  afterAll(async () => {
    openssl.remove();
    await rm(folder, { recursive: true });
  });

  const write = async (name: string, content: unknown): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, stringify(content));
    return path;
  };
  const cert = (address = '127.0.0.1:0'): object => ({ address, files: { directories: [join(folder, 'pki')] }, secrets: { enabled: false } });
  const net = (address = '127.0.0.2:0'): object => ({ address, node: { name: 'here', zone: 'z' }, mesh: { udpPort: 18_001, peers: [{ node: 'there', zone: 'z', address: '127.0.0.1', port: 9 }] }, dns: { enabled: false }, service: { enabled: false } });
  const start = (...args: string[]): { child: ChildProcess; said: () => string; ended: Promise<Ended> } => {
    const child = spawn(process.execPath, [join(folder, 'app/node-exporters.mjs'), ...args], { env: { PATH: process.env['PATH'] } });
    let said = '';
    child.stdout.on('data', (part: Buffer) => (said += part.toString()));
    child.stderr.on('data', (part: Buffer) => (said += part.toString()));
    return { child, said: () => said, ended: new Promise((resolve) => child.once('close', (code) => resolve({ code, said }))) };
  };
  const until = async <T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  test('each serves its own metrics on its own port, from one process, and both end at a signal', async () => {
    const { child, said, ended } = start(`--cert-config=${await write('cert.yaml', cert())}`, `--net-config=${await write('net.yaml', net())}`);
    const portOf = (name: string): Promise<number> => until(() => {
      const line = said().split('\n').find((one) => one.includes(`"${name}"`) && one.includes('"listening"'));
      return line === undefined ? undefined : (JSON.parse(line) as { port: number }).port;
    });
    const [certPort, netPort] = [await portOf('cert-exporter'), await portOf('net-exporter')];
    const get = async (url: string): Promise<string> => (await fetch(url)).text();
    expect(await until(async () => /cert_exporter_not_after\{.*serialnumber="e"\}/.exec(await get(`http://127.0.0.1:${certPort}/metrics`))?.[0])).toContain('a.p12');
    expect(await until(async () => /net_exporter_peer_up\{.*\} \d/.exec(await get(`http://127.0.0.2:${netPort}/metrics`))?.[0])).toContain('source_node="here"');
    expect(execFileSync('cat', [`/proc/${child.pid}/cmdline`]).toString()).toContain('--max-semi-space-size');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  }, 60_000);

  test('when one cannot listen the other ends too, with its words', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    const { ended } = start(`--cert-config=${await write('cert-taken.yaml', cert(address))}`, `--net-config=${await write('net.yaml', net())}`);
    expect(await ended).toMatchObject({ code: 1, said: expect.stringContaining(`listen on ${address}: the port is taken`) as string });
    taken.close();
  }, 60_000);

  test.each<[string, (paths: { cert: string; net: string }) => string[], RegExp]>([
    ['a configuration is missing', ({ cert: path }) => [`--cert-config=${path}`], /--net-config is missing/],
    ['an unknown key', ({ cert: path }) => [`--cert-config=${path}`, `--net-config=${path}`], /files: unknown key/],
    ['one configuration for both', ({ cert: path }) => [`--config=${path}`], /two configurations/],
  ])('%s: refused with what to do', async (_, args, message) => {
    const paths = { cert: await write('cert.yaml', cert()), net: await write('net.yaml', net()) };
    const { code, said } = await start(...args(paths)).ended;
    expect({ code, said }).toEqual({ code: 2, said: expect.stringMatching(message) as string });
  }, 60_000);

  test('both on one address are refused', async () => {
    const [certPath, netPath] = [await write('cert-same.yaml', cert(':9005')), await write('net-same.yaml', net(':9005'))];
    expect(await start(`--cert-config=${certPath}`, `--net-config=${netPath}`).ended).toMatchObject({ code: 2, said: expect.stringContaining('both exporters would listen on :9005') as string });
  }, 60_000);
});
