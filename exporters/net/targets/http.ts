/** One GET, of which only what comes before the body counts, and the certificate that was served. */
import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { systemErrorCode } from '../../core/errors.ts';
import { afterReading, type Clock } from '../../core/clock.ts';
import type { ConnectError } from '../catalogue.ts';
import { connectErrorOf } from '../connect.ts';

export interface HttpOptions {
  readonly url: URL;
  /** Where to connect to: the host of the URL is not looked up here. */
  readonly address: string;
  /** PEM; those of the system when undefined. */
  readonly ca?: string | undefined;
  readonly isInsecure: boolean;
  readonly isExpected: (status: number) => boolean;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface HttpResult {
  /** Undefined when all is as expected. */
  readonly error: ConnectError | undefined;
  readonly detail: string;
  readonly seconds: number | undefined;
  /** Unix seconds; undefined without TLS, or before a handshake. */
  readonly certificateNotAfter: number | undefined;
}

/** Never rejects. The certificate is told even where it is refused: that is when one wants to know. */
export async function get({ url, address, ca, isInsecure, isExpected, timeoutMs, clock, signal }: HttpOptions): Promise<HttpResult> {
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const { request } = isTls ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  const startedMs = clock.monotonicMs();
  let certificateNotAfter: number | undefined;
  return new Promise((resolve) => {
    const deadline = new AbortController();
    const abort = (): void => deadline.abort();
    const cancel = afterReading(clock, timeoutMs, abort);
    signal.addEventListener('abort', abort, { once: true });
    const done = (error: ConnectError | undefined, detail: string): void => {
      cancel();
      signal.removeEventListener('abort', abort);
      resolve({ error, detail, seconds: error === undefined ? (clock.monotonicMs() - startedMs) / 1000 : undefined, certificateNotAfter });
    };
    const sent = request({
      host: address, port: url.port || (isTls ? 443 : 80), path: `${url.pathname}${url.search}`, agent: false, signal: deadline.signal,
      headers: { host: url.host, 'user-agent': 'net-exporter' },
      // Verified below, so that a certificate that is refused is told.
      ...(isTls ? { rejectUnauthorized: false, servername: isIP(host) ? '' : host, ...(ca !== undefined && { ca }) } : {}),
    });
    sent.on('socket', (socket) => {
      if (!isTls) return;
      const secure = socket as TLSSocket;
      secure.once('secureConnect', () => {
        // Asked for once: a second answer of Node.js 24.21 is empty.
        const certificate = secure.getPeerX509Certificate();
        certificateNotAfter = notAfter(certificate);
        const problem = isInsecure ? undefined : problemOf(secure, certificate, host);
        if (problem === undefined) return;
        done('protocol', problem);
        sent.destroy();
      });
    });
    sent.on('response', (response: IncomingMessage) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      if (isExpected(status)) done(undefined, '');
      else done('protocol', `status ${status}`);
    });
    sent.on('error', (error) => done(...failure(error, deadline.signal.aborted, timeoutMs)));
    sent.end();
  });
}

function failure(error: Error, isAborted: boolean, timeoutMs: number): [ConnectError, string] {
  if (isAborted) return ['timeout', `no answer within ${timeoutMs} ms`];
  const code = systemErrorCode(error) ?? '';
  const isProtocol = /^(HPE_|ERR_SSL|ERR_TLS|EPROTO)/.test(code) || error.message === 'socket hang up';
  return [isProtocol ? 'protocol' : connectErrorOf(error), error.message];
}

function notAfter(certificate: X509Certificate | undefined): number | undefined {
  const ms = certificate ? Date.parse(certificate.validTo) : NaN;
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

/** What is wrong with the certificate: Node.js has held its chain and its names against the host, and says it by a code. */
function problemOf(socket: TLSSocket, certificate: X509Certificate | undefined, host: string): string | undefined {
  if (socket.authorized) return undefined;
  const code = String(socket.authorizationError);
  const names = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? `: it is for ${certificate?.subjectAltName ?? 'no name'}, not for ${host}` : '';
  return `certificate: ${code}${names}`;
}
