import { mkdtemp, rename, rm, symlink, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { serveTls } from '../../../exporters/core/tls-files.ts';
import { createCa } from '../../fixtures/certificates.ts';
import type { AddressInfo } from 'node:net';

describe('TLS with renewed files', () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'tls-'))));
  afterEach(() => rm(folder, { recursive: true }));

  const served = (port: number): Promise<string> => new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().subject.CN as string);
      socket.destroy();
    });
    socket.on('error', reject);
  });

  test('a renewed pair is served without a restart, a broken one is told and the last good one stays', async () => {
    const ca = await createCa();
    const write = async (version: string, commonName: string, isBroken = false): Promise<void> => {
      const pair = await ca.issue({ commonName, usage: 'server' });
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'tls.crt'), pair.cert);
      await writeFile(join(folder, version, 'tls.key'), isBroken ? (await ca.issue({ commonName, usage: 'server' })).key : pair.key);
      await symlink(version, join(folder, 'tmp'));
      await rename(join(folder, 'tmp'), join(folder, '..data'));
    };
    await write('1', 'first');
    const errors: unknown[] = [];
    const files = { certFile: join(folder, '..data/tls.crt'), keyFile: join(folder, '..data/tls.key'), intervalMs: 20 };
    const server = await serveTls({ files, onError: (error) => errors.push(error) }, { requestTimeout: 1000 }, (_, response) => void response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const until = async (check: () => Promise<boolean>): Promise<void> => {
      while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    try {
      expect(await served(port)).toBe('first');
      await write('2', 'second');
      await until(async () => (await served(port)) === 'second');
      await write('3', 'third', true);
      await until(() => Promise.resolve(errors.length > 0));
      expect(errors[0]).toMatchObject({ code: 'TLS_INVALID' });
      expect(await served(port)).toBe('second');
    } finally {
      server.close();
    }
  });

  test('without a usable pair there is no server', async () => {
    await expect(serveTls({ files: { certFile: join(folder, 'a'), keyFile: join(folder, 'b') }, onError: () => undefined }, { requestTimeout: 1 }, () => undefined)).rejects.toMatchObject({ code: 'TLS_INVALID', message: expect.stringContaining('tls.certFile') });
  });
});
