/** Logging in at a real OIDC provider, with the API server that takes its tokens by the configuration that our class renders. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { authentication } from '../../../../provisioner/api/variables/authentication.ts';
import { accessToken } from '../../../../provisioner/cli/commands/access/token.ts';
import { oidcKubeconfig } from '../../../../provisioner/cli/commands/access/exec-kubeconfig.ts';
import type { CliContext } from '../../../../provisioner/cli/context.ts';
import { KubeClient } from '../../../../provisioner/kube/index.ts';
import { authenticationConfiguration } from '../../../../provisioner/topology/kubeadm/authentication.ts';
import { type OidcIssuer, startOidcIssuer } from '../../../fixtures/oidc-issuer.ts';
import type { Plane } from './plane.ts';

export const people = { alice: ['team-a', 'owners'], bob: [] } as const;

export interface Issuing {
  readonly issuer: OidcIssuer;
  /** For kube-apiserver. */
  readonly flags: readonly string[];
  stop(): Promise<void>;
}

/** The issuer, and what an API server is told of it: the values of docs/access.md. */
export async function startIssuing(): Promise<Issuing> {
  // Shorter than the plugin's margin: every token is renewed when it is asked for again.
  const issuer = await startOidcIssuer({ people, lifeSeconds: 61 });
  const folder = await mkdtemp(join(tmpdir(), 'keelson-issuer-'));
  const { issuers } = authentication.parse({ issuers: [{ url: issuer.url, audiences: [issuer.clientId], certificateAuthority: issuer.ca }] });
  await writeFile(join(folder, 'authentication.yaml'), JSON.stringify(authenticationConfiguration(issuers)));
  return {
    issuer, flags: [`--authentication-config=${join(folder, 'authentication.yaml')}`],
    async stop() {
      await issuer.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function oidcCases(theirs: () => { readonly plane: Plane; readonly issuer: OidcIssuer }): void {
  let home: string;
  let ca: string;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'keelson-home-'));
    ca = join(home, 'issuer.crt');
    await writeFile(ca, theirs().issuer.ca);
  });
  afterAll(() => rm(home, { recursive: true, force: true }));

  interface Said { out: string; err: string }
  /** Runs the plugin; `user` does what it tells a person to do. */
  async function token(user: string | undefined, more: object = {}): Promise<Said> {
    const said: Said = { out: '', err: '' };
    const { issuer } = theirs();
    const visits: Promise<unknown>[] = [];
    const context = {
      env: {}, home, repository: home, signal: AbortSignal.timeout(30_000), stdin: (async function* () {})(), setExitCode: () => undefined,
      stdout: { write: (text: string) => ((said.out += text), true) },
      stderr: {
        write(text: string) {
          said.err += text;
          const [, url] = /open (\S+)/.exec(text) ?? [];
          if (url && user) visits.push(issuer.browse(url, user));
          return true;
        },
      },
    } as unknown as CliContext;
    await accessToken(context, { issuerUrl: issuer.url, clientId: issuer.clientId, issuerCa: ca, scopes: ['openid', 'groups', 'offline_access'], listenPort: 0, ...more });
    await Promise.all(visits);
    return said;
  }

  async function whoami(bearer: string): Promise<{ username: string; groups: string[] } | number> {
    const { api } = theirs().plane;
    const client = new KubeClient({ server: api.url, ca: api.ca.cert, token: () => Promise.resolve(bearer), userAgent: 'keelson-test' });
    const { status, body } = await client.request({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }) });
    client.close();
    return status === 201 ? (JSON.parse(body.toString()) as { status: { userInfo: { username: string; groups: string[] } } }).status.userInfo : status;
  }

  const bearerOf = ({ out }: Said): string => (JSON.parse(out) as { status: { token: string } }).status.token;
  let first = '';

  it('logs alice in by a browser; the API server knows her and her groups by the prefix of the issuer', async () => {
    const said = await token('alice');
    first = bearerOf(said);
    expect(JSON.parse(said.out)).toMatchObject({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { expirationTimestamp: expect.any(String) } });
    expect(await whoami(first)).toMatchObject({ username: 'oidc:alice', groups: ['oidc:team-a', 'oidc:owners', 'system:authenticated'] });
  }, 60_000);

  it('gives the token of the cache while it lives, and renews it without a person after that', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const again = await token(undefined);
    expect(again.err).toBe('');
    expect(bearerOf(again)).not.toBe(first);
    expect(await whoami(bearerOf(again))).toMatchObject({ username: 'oidc:alice' });
  }, 60_000);

  it('keeps tokens where only their owner reads', async () => {
    const folder = join(home, '.cache', 'keelson', 'tokens');
    const [file, ...rest] = await readdir(folder);
    expect(rest).toEqual([]);
    expect((await stat(join(folder, file!))).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await readFile(join(folder, file!), 'utf8')).toContain('refreshToken');
  });

  it('is asked by a kubeconfig that holds no secret', () => {
    const { plane: { api }, issuer } = theirs();
    const text = oidcKubeconfig({ name: 'management', server: api.url, ca: api.ca.cert, issuerUrl: issuer.url, clientId: issuer.clientId, issuerCa: ca });
    expect(parse(text)).toMatchObject({ users: [{ user: { exec: { command: 'keelson', args: ['access', 'token', `--issuer-url=${issuer.url}`, '--client-id=keelson', `--issuer-ca=${ca}`] } } }] });
    expect(text).not.toMatch(/eyJ|PRIVATE/);
  });

  it.each([
    ['a token of another issuer', async () => {
      const other = await startOidcIssuer({ people });
      const file = join(home, 'other.crt');
      await writeFile(file, other.ca);
      const said = { out: '' };
      const context = { env: { XDG_CACHE_HOME: join(home, 'other') }, home, signal: AbortSignal.timeout(30_000), stdout: { write: (text: string) => (said.out += text) }, stderr: { write: (text: string) => void other.browse(/open (\S+)/.exec(text)![1]!, 'alice') } } as unknown as CliContext;
      await accessToken(context, { issuerUrl: other.url, clientId: other.clientId, issuerCa: file, scopes: ['openid'], listenPort: 0 });
      await other.stop();
      return bearerOf({ ...said, err: '' });
    }],
    ['a token with another payload', () => Promise.resolve(first.split('.').map((part, i) => (i === 1 ? Buffer.from(JSON.stringify({ ...(JSON.parse(Buffer.from(part, 'base64url').toString()) as object), sub: 'root' })).toString('base64url') : part)).join('.'))],
    ['no token at all', () => Promise.resolve('x')],
  ])('refuses %s', async (_what, bearer) => {
    expect(await whoami(await bearer())).toBe(401);
  }, 60_000);

  it('names what is wrong with an issuer', async () => {
    const { api } = theirs().plane;
    await expect(token('alice', { issuerUrl: 'http://127.0.0.1:1' })).rejects.toThrow(/an https URL/);
    await expect(token('alice', { clientId: 'other', issuerCa: join(home, 'none') })).rejects.toThrow(/cannot read --issuer-ca/);
    await writeFile(join(home, 'api.crt'), api.ca.cert);
    await expect(token('alice', { issuerUrl: api.url, issuerCa: join(home, 'api.crt') })).rejects.toThrow(/does not answer with its configuration/);
  }, 60_000);
}
