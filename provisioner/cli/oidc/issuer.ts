/** An OIDC issuer as a public client sees it: discovery, and requests that trust its certificate authority. */
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { type Configuration, customFetch, type CustomFetch, discovery, None } from 'openid-client';
import { CliError } from '../errors.ts';

export interface Issuer {
  readonly issuerUrl: string;
  readonly clientId: string;
  /** PEM file; not given: the system's authorities. */
  readonly issuerCa?: string | undefined;
}

/** Bodies of an issuer are small; more is no answer of one. */
const maxBytes = 1_000_000;

/** @throws CliError CLI_FILE_UNREADABLE, LOGIN_REFUSED where the issuer does not answer as one */
export async function issuerConfiguration({ issuerUrl, clientId, issuerCa }: Issuer): Promise<Configuration> {
  const ca = issuerCa === undefined ? undefined : await readFile(issuerCa, 'utf8').catch((cause: unknown) => {
    throw new CliError('CLI_FILE_UNREADABLE', `cannot read --issuer-ca ${issuerCa}`, { cause });
  });
  if (!URL.canParse(issuerUrl) || new URL(issuerUrl).protocol !== 'https:') throw new CliError('CLI_BAD_OPTION', `--issuer-url ${issuerUrl}: an https URL, as in the tokens' claim iss`);
  try {
    return await discovery(new URL(issuerUrl), clientId, undefined, None(), ca === undefined ? {} : { [customFetch]: fetchTrusting(ca) });
  } catch (cause) {
    throw new CliError('LOGIN_REFUSED', `issuer ${issuerUrl} does not answer with its configuration; is the URL the one in its tokens, and is --issuer-ca its authority?`, { cause });
  }
}

/** Node's own fetch takes no certificate authority. */
function fetchTrusting(ca: string): CustomFetch {
  return (url, { method, headers, body, signal }) => new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, ca, ...(signal ? { signal } : {}) }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if ((bytes += chunk.length) > maxBytes) outgoing.destroy(new Error(`more than ${maxBytes} bytes from ${url}`));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        const pairs = Object.entries(answer.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as [string, string]]));
        const status = answer.statusCode ?? 500;
        resolve(new Response(status === 204 || status === 304 ? null : Buffer.concat(chunks), { status, headers: pairs }));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined || body === null ? undefined : body instanceof URLSearchParams ? body.toString() : (body as string));
  });
}
