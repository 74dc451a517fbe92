/**
 * The serving certificate, read from a mounted Secret and read again when it is renewed. The kubelet renews a mounted
 * Secret by swapping the symlink `..data`: watching a file sees the first swap only, so the directory is watched, and
 * looked at once a minute where no event arrives.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../kube/log.ts';
import { TopologyError } from '../errors.ts';

export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly expires: Date;
  /** Of both files; never shown. */
  readonly digest: string;
}

/** @throws TopologyError CERTIFICATE_UNREADABLE when a file is missing, half written, or key and certificate do not belong together */
export async function readKeyPair(folder: string): Promise<KeyPair> {
  try {
    const [cert, key] = await Promise.all([readFile(join(folder, 'tls.crt')), readFile(join(folder, 'tls.key'))]);
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) throw new Error('the key does not belong to the certificate');
    return { cert, key, expires: certificate.validToDate, digest: createHash('sha256').update(cert).update(key).digest('hex') };
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new TopologyError('CERTIFICATE_UNREADABLE', `read tls.crt and tls.key in ${folder}: ${detail}; the operator keeps them in the Secret that is mounted there`, { cause });
  }
}

/** Calls `onChange` with every new pair until the signal aborts. A pair that cannot be read is logged and the old one stays in use. */
export function followKeyPair(
  folder: string,
  options: { signal: AbortSignal; current: string; log: Log; onChange: (pair: KeyPair) => void; pollMs?: number; settleMs?: number },
): void {
  const { signal, log, onChange, pollMs = 60_000, settleMs = 250 } = options;
  let current = options.current;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      const pair = await readKeyPair(folder);
      if (pair.digest !== current && !signal.aborted) {
        current = pair.digest;
        onChange(pair);
        log.info({ expires: pair.expires.toISOString() }, 'serving a new certificate');
      }
    } catch (error) {
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the new certificate cannot be used, the old one stays');
    }
    if (!signal.aborted) schedule(pollMs);
  };
  const schedule = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), ms);
    timer.unref();
  };
  const watcher = watch(folder, { persistent: false }, () => schedule(settleMs));
  watcher.on('error', (error) => log.warn({ reason: error.message }, 'watching the certificate failed, it is looked at once a minute'));
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    watcher.close();
  });
  schedule(pollMs);
}
