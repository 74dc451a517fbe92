/**
 * An HTTPS server whose certificate and key are files that others renew: they are looked at while the server runs, and
 * new connections get what is there. A pair that does not work is reported, and the last good one stays.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { ExporterError } from './errors.ts';

const { createServer } = process.getBuiltinModule('node:https');

export interface TlsFiles {
  /** PEM, the leaf first. */
  readonly certFile: string;
  readonly keyFile: string;
  /** How often the files are looked at; 10 s by default. A link swapped by the kubelet is seen like every other change. */
  readonly intervalMs?: number;
}

export interface TlsOptions {
  readonly files: TlsFiles;
  /** Called with an ExporterError TLS_INVALID when a renewed pair cannot be used. */
  readonly onError: (error: unknown) => void;
}

/** @throws ExporterError TLS_INVALID when there is no usable pair to begin with */
export async function serveTls({ files, onError }: TlsOptions, server: { requestTimeout: number }, handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  let current = await readPair(files);
  const made = createServer({ ...server, ...current, minVersion: 'TLSv1.2' }, handle);
  const look = async (): Promise<void> => {
    const next = await readPair(files);
    if (next.cert.equals(current.cert) && next.key.equals(current.key)) return;
    made.setSecureContext({ ...next, minVersion: 'TLSv1.2' });
    current = next;
  };
  const timer = setInterval(() => void look().catch(onError), files.intervalMs ?? 10_000);
  timer.unref();
  made.on('close', () => clearInterval(timer));
  return made;
}

async function readPair({ certFile, keyFile }: TlsFiles): Promise<{ cert: Buffer; key: Buffer }> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile), readFile(keyFile)]);
    createSecureContext({ cert, key }); // throws where they do not belong together
    return { cert, key };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExporterError('TLS_INVALID', `TLS with ${certFile} and ${keyFile}: ${reason}; check tls.certFile and tls.keyFile`, { cause });
  }
}
