/** Dex itself, with the values of docs/access.md and examples/access/dex.yaml: a login by `keelson access token`, and an API server that takes the token. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { authentication } from '../../../../provisioner/api/variables/authentication.ts';
import { authenticationConfiguration } from '../../../../provisioner/topology/kubeadm/authentication.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { createCa } from '../../../fixtures/certificates.ts';
import { freePort } from '../../../fixtures/free-port.ts';
import { describeWith, toolsBin } from '../../../fixtures/needs.ts';
import { browse } from '../../../fixtures/oidc-issuer.ts';
import { eventually } from '../surroundings.ts';
import { expireTokens, logIn, whoIs } from './oidc-login.ts';

const repository = join(import.meta.dirname, '../../../..');

describeWith({ tools: ['etcd', 'kube-apiserver', 'dex'] }, 'the guide for Dex', () => {
  let folder: string;
  let url: string;
  let ca: string;
  let dex: ChildProcess;
  let log = '';
  let api: ApiServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-dex-'));
    const port = await freePort();
    url = `https://127.0.0.1:${port}`;
    const authority = await createCa('keelson test Dex CA');
    ca = authority.cert;
    const { cert, key } = await authority.issue({ commonName: 'dex', addresses: ['127.0.0.1'], usage: 'server' });
    for (const [name, text] of [['ca.crt', ca], ['tls.crt', cert], ['tls.key', key]] as const) await writeFile(join(folder, name), text);
    await writeFile(join(folder, 'dex.yaml'), stringify({
      ...(await documentedDex()), issuer: url, storage: { type: 'memory' }, web: { https: `127.0.0.1:${port}`, tlsCert: join(folder, 'tls.crt'), tlsKey: join(folder, 'tls.key') },
      // Dex's own connector for tests: one person, in the group "authors", who is asked nothing.
      connectors: [{ type: 'mockCallback', id: 'mock', name: 'Mock' }], oauth2: { skipApprovalScreen: true },
    }));
    dex = spawn(join(toolsBin, 'dex'), ['serve', join(folder, 'dex.yaml')], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [dex.stdout, dex.stderr]) stream?.on('data', (text: Buffer) => (log += text.toString()));
    await eventually(async () => (await browse(`${url}/.well-known/openid-configuration`, { ca, user: '' })).startsWith('200'));
    const [issuer] = (parse(await readFile(join(repository, 'examples/access/dex.yaml'), 'utf8')) as { issuers: object[] }).issuers;
    const { issuers } = authentication.parse({ issuers: [{ ...issuer, url, certificateAuthority: ca }] });
    await writeFile(join(folder, 'authentication.yaml'), JSON.stringify(authenticationConfiguration(issuers)));
    api = await startApiServer({ flags: [`--authentication-config=${join(folder, 'authentication.yaml')}`] });
  }, 120_000);
  afterAll(async () => {
    const ended = dex && new Promise((resolve) => dex.once('exit', resolve));
    dex?.kill('SIGTERM');
    await ended;
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('logs somebody in by a browser; the API server knows the address and the groups of the connector by their prefix', async () => {
    const said = await token({ opensBrowser: true });
    expect(await whoIs(api, said.out)).toMatchObject({ username: 'oidc:kilgore@kilgore.trout', groups: ['oidc:authors', 'system:authenticated'] });
  }, 60_000);

  it('renews the token by the refresh token, without a person', async () => {
    await expireTokens(folder);
    const said = await token({ opensBrowser: false });
    expect(said.err).toBe('');
    expect(await whoIs(api, said.out)).toMatchObject({ username: 'oidc:kilgore@kilgore.trout' });
  }, 60_000);

  it('logs somebody in who has the browser on another machine', async () => {
    await rm(join(folder, '.cache'), { recursive: true });
    const said = await token({ opensBrowser: true, device: true });
    expect(await whoIs(api, said.out)).toMatchObject({ username: 'oidc:kilgore@kilgore.trout', groups: ['oidc:authors', 'system:authenticated'] });
  }, 60_000);

  const token = ({ opensBrowser, device = false }: { opensBrowser: boolean; device?: boolean }) => logIn({
    issuerUrl: url, folder, device, log: () => log, ...(opensBrowser ? { open: (page, code) => (code === undefined ? browse(page, { ca, user: '' }) : giveCode(code)) } : {}),
  });

  /** What a person does at the page for devices: types the code, sends the form. */
  function giveCode(code: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const form = request(`${url}/device/auth/verify_code`, { method: 'POST', ca, headers: { 'content-type': 'application/x-www-form-urlencoded' } }, (answer) => {
        answer.resume();
        resolve(browse(new URL(answer.headers.location ?? '', url).href, { ca, user: '' }));
      });
      form.on('error', reject);
      form.end(`user_code=${encodeURIComponent(code)}`);
    });
  }
});

/** The block of docs/access.md; what is left open there is filled in by the test. */
async function documentedDex(): Promise<object> {
  const [, block = ''] = /### Dex\n```yaml\n([^]*?)```/.exec(await readFile(join(repository, 'docs/access.md'), 'utf8')) ?? [];
  const config = parse(block.replace('[ … ]', '[]')) as { staticClients?: object[] };
  expect(config).toMatchObject({ staticClients: [{ id: 'keelson', public: true }], expiry: expect.anything() });
  return config;
}
