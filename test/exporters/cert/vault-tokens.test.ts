/** Vault itself is not built here: a server that answers as its documentation of lookup-self says. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWith, type Running } from './running-exporter.ts';

describe('Vault tokens', () => {
  let folder: string;
  let server: Server;
  let exporter: Running | undefined;
  let status = 200;
  const paths: string[] = [];
  const expiry: Record<string, string | null> = { 'hvs.short': '2026-12-01T00:00:00.123456789Z', 'hvs.forever': null };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vault-'));
    server = createServer((request, response) => {
      paths.push(`${request.method} ${request.url}`);
      const token = String(request.headers['x-vault-token']);
      response.statusCode = status !== 200 ? status : token in expiry ? 200 : 403;
      response.end(response.statusCode === 200 ? JSON.stringify({ data: { expire_time: expiry[token], id: token } }) : '{"errors":["permission denied"]}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await writeFile(join(folder, 'short'), 'VAULT_TOKEN=hvs.short\nmore\n');
    await writeFile(join(folder, 'forever'), 'hvs.forever');
    await writeFile(join(folder, 'revoked'), 'hvs.revoked\n');
  });
  afterEach(() => exporter?.stop());
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });
  const start = async (): Promise<void> => {
    const tokenFiles = ['short', 'forever', 'revoked', 'missing'].map((name) => join(folder, name));
    exporter = await startWith({ config: { vaultTokens: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, tokenFiles, intervalSeconds: 0.05 } } });
  };

  test('an expiry, no sample for one that never expires, 0 for one that Vault does not know; no token is ever said', async () => {
    await start();
    expect(await exporter!.series('cert_exporter_token_not_after')).toEqual([
      `cert_exporter_token_not_after{path="${folder}/revoked"} 0`, `cert_exporter_token_not_after{path="${folder}/short"} 1796083200`,
    ]);
    expect(paths[0]).toBe('GET /v1/auth/token/lookup-self');
    const said = [...exporter!.logged, (await exporter!.get('/metrics')).text, (await exporter!.get('/')).text].join('\n');
    expect(said).toContain('not_found');
    expect(said).not.toContain('hvs.');
  });

  test('while Vault fails the samples stay and the source is down', async () => {
    await start();
    status = 500;
    await exporter!.until('cert_exporter_source_up', ([line]) => line?.endsWith(' 0') === true);
    expect(await exporter!.series('cert_exporter_token_not_after')).toHaveLength(2);
    status = 200;
    await exporter!.until('cert_exporter_source_up', ([line]) => line?.endsWith(' 1') === true);
  });
});
