/** A login by `keelson access token` at a provider that a test runs, and what an API server makes of the token. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { usualScopes } from '../../../../provisioner/cli/access-program.ts';
import { accessToken } from '../../../../provisioner/cli/commands/access/token.ts';
import type { CliContext } from '../../../../provisioner/cli/context.ts';
import { KubeClient } from '../../../../provisioner/kube/index.ts';
import type { ApiServer } from '../../../fixtures/api-server.ts';

export interface Login {
  readonly issuerUrl: string;
  /** Home of the person: tokens are kept below it, and the issuer's certificate authority is ca.crt in it. */
  readonly folder: string;
  /** Default keelson. */
  readonly clientId?: string;
  readonly scopes?: readonly string[];
  readonly device?: boolean;
  /** What the person does with the page they are told to open, and the code to give there; undefined: nobody is there. */
  readonly open?: (page: string, code: string | undefined) => Promise<unknown>;
  /** What the provider said, for when it fails. */
  readonly log: () => string;
}

/** With the defaults of the command: its scopes, and the port that the guides tell the client to come back to. */
export async function logIn({ issuerUrl, folder, clientId = 'keelson', scopes = usualScopes, device = false, open, log }: Login): Promise<{ out: string; err: string }> {
  const said = { out: '', err: '' };
  const visits: Promise<unknown>[] = [];
  const context = {
    env: {}, home: folder, repository: folder, signal: AbortSignal.timeout(60_000), stdin: (async function* () {})(), setExitCode: () => undefined,
    stdout: { write: (text: string) => ((said.out += text), true) },
    stderr: {
      write(text: string) {
        said.err += text;
        const [, page, code] = /open (\S+)(?: and give the code (\S+))?/.exec(text) ?? [];
        if (page && open) visits.push(open(page, code));
        return true;
      },
    },
  } as unknown as CliContext;
  await accessToken(context, { issuerUrl, clientId, issuerCa: join(folder, 'ca.crt'), scopes, listenPort: 18000, device }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${log().slice(-2000)}`, { cause: error });
  });
  await Promise.all(visits);
  return said;
}

/** Who the API server takes the bearer of the printed token for. */
export async function whoIs(api: ApiServer, out: string): Promise<unknown> {
  const { token } = (JSON.parse(out) as { status: { token: string } }).status;
  const client = new KubeClient({ server: api.url, ca: api.ca.cert, token: () => Promise.resolve(token), userAgent: 'keelson-test' });
  const { status, body } = await client.request({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }) });
  client.close();
  return status === 201 ? (JSON.parse(body.toString()) as { status: { userInfo: unknown } }).status.userInfo : `${status} ${body.toString()}`;
}

/** As time would: every token that is kept has ended. */
export async function expireTokens(home: string): Promise<void> {
  const folder = join(home, '.cache/keelson/tokens');
  for (const name of await readdir(folder)) {
    const kept = JSON.parse(await readFile(join(folder, name), 'utf8')) as object;
    expect(kept).toMatchObject({ expiresAt: expect.any(Number), refreshToken: expect.any(String) });
    await writeFile(join(folder, name), JSON.stringify({ ...kept, expiresAt: 0 }), { mode: 0o600 });
  }
}
