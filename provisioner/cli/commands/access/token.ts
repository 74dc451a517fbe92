/**
 * `keelson access token`: what kubectl runs as an exec plugin, https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins.
 * Gives the ID token of an OIDC issuer: from the cache while it lives, by the refresh token after that, by a login when that is over too.
 */
import { join } from 'node:path';
import type { CliContext } from '../../context.ts';
import { type Issuer, issuerConfiguration } from '../../oidc/issuer.ts';
import { logIn, renew, type Tokens } from '../../oidc/login.ts';
import { TokenCache } from '../../oidc/token-cache.ts';

export interface TokenOptions extends Issuer {
  readonly scopes: readonly string[];
  readonly listenPort: number;
  readonly device?: boolean;
}

/** A token that ends sooner is not given any more: the command that uses it may take a while. */
const marginMs = 60_000;

export async function accessToken(context: CliContext, options: TokenOptions): Promise<void> {
  const cache = new TokenCache(context.env['XDG_CACHE_HOME'] ?? join(context.home, '.cache'), options);
  const { idToken, expiresAt } = await tokens(context, cache, options);
  const status = { token: idToken, expirationTimestamp: new Date(expiresAt - marginMs).toISOString() };
  context.stdout.write(`${JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status })}\n`);
}

async function tokens(context: CliContext, cache: TokenCache, options: TokenOptions): Promise<Tokens> {
  const known = await cache.read();
  if (known && known.expiresAt - marginMs > Date.now()) return known;
  const config = await issuerConfiguration(options);
  const renewed = known?.refreshToken === undefined ? undefined : await renew(config, known.refreshToken);
  const fresh = renewed ?? (await logIn(config, {
    scopes: options.scopes, port: options.listenPort, isDevice: options.device ?? false, signal: context.signal, tell: (text) => context.stderr.write(`${text}\n`),
  }));
  await cache.write(fresh);
  return fresh;
}
