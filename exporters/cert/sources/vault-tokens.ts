/**
 * When tokens of Vault expire, asked of Vault itself (GET /v1/auth/token/lookup-self,
 * https://developer.hashicorp.com/vault/api-docs/auth/token). As the exporter that this one replaces does it: 0 for a
 * token that Vault does not know, no sample for one that never expires. A token never reaches a label or the log.
 */
import { readFile } from 'node:fs/promises';
import { systemErrorCode } from '../../core/errors.ts';
import type { SkipReason } from '../catalogue.ts';
import type { Config } from '../config.ts';
import type { SourceHooks } from './hooks.ts';

export interface VaultTokensOptions extends SourceHooks {
  readonly config: Config['vaultTokens'] & { readonly url: string };
}

type Lookup =
  | { readonly kind: 'expires'; readonly atSeconds: number }
  | { readonly kind: 'never' }
  /** Vault answered that it does not know the token. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly reason: SkipReason; readonly detail: string };

/** Imported as an ES module, node:http would load all that it exports, fetch and WebSocket too: 12 MB. */
const { request: httpRequest } = process.getBuiltinModule('node:http');
const { request: httpsRequest } = process.getBuiltinModule('node:https');

const timeoutMs = 10_000;
const maxAnswerBytes = 1024 * 1024;

export class VaultTokensSource {
  readonly #options: VaultTokensOptions;

  constructor(options: VaultTokensOptions) {
    this.#options = options;
  }

  /** Looks up every token once. What Vault does not answer keeps its last sample. */
  async pass(signal: AbortSignal): Promise<void> {
    const { config, store, health, clock, onSkipped } = this.#options;
    const lookups = await Promise.all(config.tokenFiles.map(async (path) => ({ path, lookup: await this.#lookup(path, signal) })));
    signal.throwIfAborted();
    const failures: string[] = [];
    for (const { path, lookup } of lookups) {
      if (lookup.kind === 'failed') {
        health.skipped(lookup.reason);
        onSkipped(path, lookup.reason, lookup.detail);
        failures.push(`${path}: ${lookup.detail}`);
      } else if (lookup.kind === 'never') store.delete(`vault:${path}`);
      else store.set(`vault:${path}`, store.render([{ family: 'cert_exporter_token_not_after', labels: { path }, value: lookup.kind === 'expires' ? lookup.atSeconds : 0 }]));
    }
    store.publish();
    if (failures.length === lookups.length) health.failed(failures.join('; '));
    else health.succeeded(clock.now(), lookups.length - failures.length);
  }

  async #lookup(path: string, signal: AbortSignal): Promise<Lookup> {
    let token: string;
    try {
      token = (await readFile(path, 'utf8')).split(/\r?\n/, 1)[0]?.replace(/^VAULT_TOKEN=/, '').trim() ?? '';
    } catch (error) {
      const reasons: Readonly<Record<string, SkipReason>> = { ENOENT: 'not_found', EACCES: 'permission_denied', EPERM: 'permission_denied' };
      return { kind: 'failed', reason: reasons[systemErrorCode(error) ?? ''] ?? 'read_failed', detail: systemErrorCode(error) ?? 'unreadable' };
    }
    if (!/^[\x21-\x7e]+$/.test(token)) return { kind: 'failed', reason: 'read_failed', detail: 'the first line is no token' };
    try {
      return expiryOf(await this.#ask(token, signal));
    } catch (error) {
      return { kind: 'failed', reason: 'lookup_failed', detail: error instanceof Error ? error.message : String(error) };
    }
  }

  async #ask(token: string, signal: AbortSignal): Promise<{ status: number; body: string }> {
    const { url, caFile, namespace } = this.#options.config;
    const target = new URL('v1/auth/token/lookup-self', url.endsWith('/') ? url : `${url}/`);
    const ca = caFile === undefined ? undefined : await readFile(caFile);
    const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = { 'x-vault-token': token, ...(namespace && { 'x-vault-namespace': namespace }) };
    return new Promise((resolve, reject) => {
      const sent = request(target, { headers, ca, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]), agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          body += part;
          if (body.length > maxAnswerBytes) response.destroy(new Error('an answer that does not end'));
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body })).on('error', reject);
      });
      sent.on('error', reject).end();
    });
  }
}

function expiryOf({ status, body }: { status: number; body: string }): Lookup {
  if (status === 403 || status === 404) return { kind: 'unknown' };
  if (status !== 200) return { kind: 'failed', reason: 'lookup_failed', detail: `Vault answered ${status}` };
  const { data } = JSON.parse(body) as { data?: { expire_time?: string | null } };
  if (data === undefined) return { kind: 'failed', reason: 'lookup_failed', detail: 'an answer without data; is this Vault?' };
  if (!data.expire_time) return { kind: 'never' };
  const ms = Date.parse(data.expire_time);
  return Number.isNaN(ms) ? { kind: 'failed', reason: 'lookup_failed', detail: 'an expire_time that is no time' } : { kind: 'expires', atSeconds: Math.floor(ms / 1000) };
}
