/**
 * What endpoints really serve: the certificate of a handshake, whether it verifies, and whether it is the one that it
 * should come from. A certificate renewed on disk and never loaded by its server is seen nowhere else.
 */
import { access, readFile } from 'node:fs/promises';
import type { Sample } from '../../core/store.ts';
import type { SkipReason } from '../catalogue.ts';
import type { Config } from '../config.ts';
import { readContent } from '../formats/content.ts';
import { certificateSamples } from '../samples.ts';
import { readCertificate } from '../x509/certificate.ts';
import { fingerprintOf } from '../x509/identity.ts';
import { addressWith } from './addresses.ts';
import type { Handshake } from './handshake.ts';
import type { SourceHooks } from './hooks.ts';

export type Target = Config['endpoints']['targets'][number];

export interface EndpointsOptions extends SourceHooks {
  readonly config: Config['endpoints'];
  /** SHA-256 prefix of tls.crt of a watched Secret ("namespace/name"). */
  readonly leafOf: (secret: string) => string | undefined;
  /** What $(NAME) in an address stands for. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Handshakes under way at one time: each holds a socket, and the host may be slow. */
const atOnce = 16;

export class EndpointsSource {
  readonly #options: EndpointsOptions;
  readonly #targets: readonly Target[];

  /** @throws ExporterError CONFIG_INVALID for an address with a variable that is not set */
  constructor(options: EndpointsOptions) {
    this.#options = options;
    this.#targets = options.config.targets.map((target) => ({ ...target, address: addressWith(options.env, target.address) }));
  }

  /** One handshake with every target. A target that does not answer loses its samples: what was served then says nothing of now. */
  async pass(signal: AbortSignal): Promise<void> {
    const { store, health, clock } = this.#options;
    const targets = await this.#present();
    const left = [...targets];
    let reached = 0;
    const work = async (): Promise<void> => {
      for (let target = left.shift(); target && !signal.aborted; target = left.shift()) if (await this.#probe(target, signal)) reached++;
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, work));
    signal.throwIfAborted();
    store.publish();
    if (reached > 0 || targets.length === 0) health.succeeded(clock.now(), reached);
    else health.failed('no endpoint answered');
  }

  /** Those that should be here. What was said of one whose file is gone ends with it. */
  async #present(): Promise<readonly Target[]> {
    const isHere = await Promise.all(this.#targets.map(({ onlyWithFile, servesFile }) => !onlyWithFile || exists(servesFile)));
    for (const [i, target] of this.#targets.entries()) if (!isHere[i]) this.#options.store.delete(idOf(target));
    return this.#targets.filter((_target, i) => isHere[i]);
  }

  async #probe(target: Target, signal: AbortSignal): Promise<boolean> {
    const { store, health, onSkipped } = this.#options;
    const id = idOf(target);
    const report = (reason: SkipReason, detail?: string): void => {
      health.skipped(reason);
      onSkipped(target.address, reason, detail);
    };
    try {
      const served = await this.#handshake(target, signal);
      store.set(id, store.render(await this.#samples(target, served, report)));
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      report('handshake_failed', error instanceof Error ? error.message : String(error));
      store.delete(id);
      return false;
    }
  }

  async #handshake(target: Target, signal: AbortSignal): Promise<Handshake> {
    const { handshake } = await import('./handshake.ts'); // node:tls costs memory, and most nodes have no target
    const { host, port } = hostAndPort(target.address);
    const read = (path: string | undefined): Promise<Buffer | undefined> => (path === undefined ? Promise.resolve(undefined) : readFile(path));
    const [ca, cert, key] = await Promise.all([read(target.caFile), read(target.certFile), read(target.keyFile)]);
    return handshake({ host, port, serverName: target.serverName ?? host, ca, cert, key, timeoutMs: this.#options.config.timeoutSeconds * 1000, signal });
  }

  async #samples(target: Target, served: Handshake, report: (reason: SkipReason) => void): Promise<Sample[]> {
    const { store, onCollision } = this.#options;
    const labels = { endpoint: target.address, servername: target.serverName ?? '' };
    const certificates = served.chain.map((der) => readCertificate(der));
    if (certificates.includes(undefined)) report('bad_certificate');
    const { samples, collisions } = certificateSamples('cert_exporter_endpoint', labels, certificates.filter((one) => one !== undefined), store.has('cert_exporter_endpoint_info'));
    if (collisions > 0) onCollision(collisions);
    const stale = await this.#isStale(target, served);
    if (stale === 'unknown') report('expected_missing');
    return [
      ...samples,
      { family: 'cert_exporter_endpoint_handshake_seconds', labels, value: served.seconds },
      { family: 'cert_exporter_endpoint_verified', labels, value: served.isVerified ? 1 : 0 },
      ...(typeof stale === 'boolean' ? [{ family: 'cert_exporter_endpoint_stale', labels, value: stale ? 1 : 0 }] : []),
    ];
  }

  /** undefined where there is nothing to compare with. */
  async #isStale({ servesFile, servesSecret }: Target, { chain }: Handshake): Promise<boolean | 'unknown' | undefined> {
    if (!servesFile && !servesSecret) return undefined;
    const expected = servesFile ? await leafIn(servesFile) : this.#options.leafOf(servesSecret ?? '');
    const [leaf] = chain;
    return expected === undefined || !leaf ? 'unknown' : fingerprintOf(leaf) !== expected;
  }
}

const idOf = ({ address, serverName }: Target): string => `endpoint:${address}:${serverName ?? ''}`;

async function exists(path: string | undefined): Promise<boolean> {
  try {
    await access(path ?? '');
    return true;
  } catch {
    return false;
  }
}

/** undefined where the file cannot be read or holds no certificate. */
async function leafIn(path: string): Promise<string | undefined> {
  try {
    const [first] = readContent(await readFile(path)).certificates;
    return first && fingerprintOf(first.der);
  } catch {
    return undefined;
  }
}

/** "host:port" and "[::1]:port", as the schema has checked it. */
export function hostAndPort(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':');
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) };
}
