/** Logging in at an issuer: by a browser on this machine (RFC 8252, PKCE), by a browser elsewhere (RFC 8628), or by a refresh token. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  authorizationCodeGrant, buildAuthorizationUrl, calculatePKCECodeChallenge, type Configuration, initiateDeviceAuthorization, pollDeviceAuthorizationGrant, randomPKCECodeVerifier, randomState,
  refreshTokenGrant, type TokenEndpointResponse, type TokenEndpointResponseHelpers,
} from 'openid-client';
import { CliError } from '../errors.ts';

export interface Tokens {
  readonly idToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly refreshToken?: string;
}

export interface LoginHow {
  readonly scopes: readonly string[];
  /** Port on 127.0.0.1 to which the issuer sends the browser back; 0 takes a free one, where the issuer allows any. */
  readonly port: number;
  readonly isDevice: boolean;
  /** Shows a person where to go. */
  readonly tell: (text: string) => void;
  readonly signal: AbortSignal;
}

const callbackPath = '/callback';
const withinMs = 180_000;

/** @throws CliError LOGIN_REFUSED, LOGIN_SLOW */
export async function logIn(config: Configuration, how: LoginHow): Promise<Tokens> {
  const signal = AbortSignal.any([how.signal, AbortSignal.timeout(withinMs)]);
  try {
    return tokensOf(await (how.isDevice ? byDevice(config, how, signal) : byBrowser(config, how, signal)));
  } catch (cause) {
    if (how.signal.aborted || cause instanceof CliError) throw cause;
    if (signal.aborted) throw new CliError('LOGIN_SLOW', `nobody logged in within ${withinMs / 1000} s; try again`, { cause });
    throw new CliError('LOGIN_REFUSED', 'the issuer gave no token', { cause: said(cause) });
  }
}

/** undefined where the refresh token is no longer good: a person has to log in again. */
export async function renew(config: Configuration, refreshToken: string): Promise<Tokens | undefined> {
  try {
    const tokens = tokensOf(await refreshTokenGrant(config, refreshToken));
    // An issuer that does not rotate them answers without one: the old one stays good.
    return { ...tokens, refreshToken: tokens.refreshToken ?? refreshToken };
  } catch {
    return undefined;
  }
}

async function byDevice(config: Configuration, { scopes, tell }: LoginHow, signal: AbortSignal): Promise<TokenEndpointResponse & TokenEndpointResponseHelpers> {
  const device = await initiateDeviceAuthorization(config, { scope: scopes.join(' ') });
  tell(`open ${device.verification_uri_complete ?? device.verification_uri} and give the code ${device.user_code}`);
  return await pollDeviceAuthorizationGrant(config, device, undefined, { signal });
}

async function byBrowser(config: Configuration, { scopes, port, tell }: LoginHow, signal: AbortSignal): Promise<TokenEndpointResponse & TokenEndpointResponseHelpers> {
  const { server, callback } = await listen(port, signal);
  try {
    const redirect = `http://127.0.0.1:${(server.address() as AddressInfo).port}${callbackPath}`;
    const [verifier, state] = [randomPKCECodeVerifier(), randomState()];
    const challenge = await calculatePKCECodeChallenge(verifier);
    // Issuers give a refresh token only where consent is asked for (OpenID Connect Core, 11).
    const prompt = scopes.includes('offline_access') ? { prompt: 'consent' } : {};
    tell(`open ${buildAuthorizationUrl(config, { redirect_uri: redirect, scope: scopes.join(' '), code_challenge: challenge, code_challenge_method: 'S256', state, ...prompt }).href}`);
    const query = await callback;
    return await authorizationCodeGrant(config, new URL(`${redirect}${query}`), { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: true });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** The query with which the browser comes back. */
async function listen(port: number, signal: AbortSignal): Promise<{ readonly server: Server; readonly callback: Promise<string> }> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const server = createServer((incoming, answer) => {
    const { pathname, search } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const isCallback = incoming.method === 'GET' && pathname === callbackPath;
    answer.writeHead(isCallback ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' }).end(isCallback ? 'You can close this window and go back to your terminal.\n' : '');
    if (isCallback) resolve(search);
  });
  signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  promise.catch(() => undefined);
  await new Promise<void>((done, failed) => {
    server.once('error', (cause) => failed(new CliError('CLI_BAD_OPTION', `--listen-port ${port}: cannot listen on 127.0.0.1:${port}`, { cause })));
    server.listen(port, '127.0.0.1', done);
  });
  return { server, callback: promise };
}

function tokensOf(answer: TokenEndpointResponse & TokenEndpointResponseHelpers): Tokens {
  const { id_token: idToken, refresh_token: refreshToken } = answer;
  const expiresAt = (answer.claims()?.exp ?? 0) * 1000;
  if (idToken === undefined || expiresAt === 0) throw new CliError('LOGIN_REFUSED', 'the issuer gave no ID token; does the client have the scope openid?');
  return { idToken, expiresAt, ...(refreshToken === undefined ? {} : { refreshToken }) };
}

/** The issuer's word without the request it was about, which holds codes. */
function said(cause: unknown): Error {
  const { error, error_description: description } = (cause ?? {}) as { error?: unknown; error_description?: unknown };
  const parts = [error, description].filter((part): part is string => typeof part === 'string');
  return new Error(parts.length > 0 ? parts.join(': ') : cause instanceof Error ? cause.message : 'no reason given');
}
