/** One TLS handshake: what an endpoint really serves, whoever signed it. Nothing is sent after it. */
import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';

export interface HandshakeOptions {
  readonly host: string;
  readonly port: number;
  /** Name to verify, and to ask for where it is no address. */
  readonly serverName: string;
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface Handshake {
  /** DER, the leaf first, as the endpoint sent it. */
  readonly chain: readonly Buffer[];
  readonly isVerified: boolean;
  /** Why not: "CERT_HAS_EXPIRED". */
  readonly problem: string | undefined;
  readonly seconds: number;
}

/** Rejects when there is no handshake in time. An untrusted or expired certificate is no failure: it is what we came to see. */
export function handshake(options: HandshakeOptions): Promise<Handshake> {
  const { host, port, serverName, ca, cert, key, timeoutMs, signal } = options;
  const started = performance.now();
  const tls: ConnectionOptions = { host, port, rejectUnauthorized: false, ca, cert, key, ...(isIP(serverName) ? {} : { servername: serverName }), minVersion: 'TLSv1.2' };
  return new Promise((resolve, reject) => {
    const socket = connect(tls);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      settle();
    };
    const onAbort = (): void => end(() => reject(signal.reason as Error));
    const timer = setTimeout(() => end(() => reject(new Error(`no handshake within ${timeoutMs} ms`))), timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('close', () => end(() => reject(new Error('the connection was closed before the handshake'))));
    socket.on('secureConnect', () => {
      const chain = chainOf(socket.getPeerX509Certificate());
      const problem = socket.authorized ? undefined : String((socket.authorizationError as { code?: string } | string | null) ?? 'not verified');
      const seconds = (performance.now() - started) / 1000;
      end(() => (chain.length > 0 ? resolve({ chain, isVerified: socket.authorized, problem, seconds }) : reject(new Error('the endpoint sent no certificate'))));
    });
  });
}

/** Node.js links each certificate to the next one that was sent; getPeerCertificate() would add those that we trust. */
function chainOf(leaf: X509Certificate | undefined): Buffer[] {
  const chain: Buffer[] = [];
  for (let at = leaf; at; at = at.issuerCertificate) chain.push(at.raw);
  return chain;
}
