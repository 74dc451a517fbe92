/**
 * The certificates that the bench of cert-exporter measures with: RSA leaves of 2048 bits as cert-manager makes them,
 * one template with another serial number and date each. Their signatures do not hold; no exporter looks at them.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from 'node:crypto';
import type { KubeObject } from '../../../provisioner/kube/types.ts';

const serial = '10000000000000000000000000000001';

export class Certificates {
  readonly #template: Buffer;
  readonly #serialAt: number;
  readonly key: string;

  constructor() {
    const folder = mkdtempSync(join(tmpdir(), 'bench-certificates-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '90', '-set_serial', `0x${serial}`,
      '-subj', '/O=Bench/CN=web.shop.svc', '-addext', 'subjectAltName=DNS:web.shop.svc,DNS:web.shop.svc.cluster.local'], { stdio: 'ignore' });
    this.#template = new X509Certificate(readFileSync(cert)).raw;
    this.#serialAt = this.#template.indexOf(Buffer.from(serial, 'hex'));
    this.key = readFileSync(key, 'utf8');
    rmSync(folder, { recursive: true });
  }

  der(number: number): Buffer {
    const der = Buffer.from(this.#template);
    der.writeUInt32BE(number, this.#serialAt + 12);
    return der;
  }

  pem(number: number): string {
    const text = this.der(number).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
    return `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
  }

  /** A leaf and its issuer in tls.crt, an authority in ca.crt: three certificates. */
  secret(number: number): KubeObject {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    return {
      apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls',
      metadata: { name: `web-${String(number).padStart(5, '0')}-tls`, namespace: 'default', annotations: { 'cert-manager.io/certificate-name': `web-${number}` } },
      data: { 'tls.crt': base64(this.pem(3 * number) + this.pem(3 * number + 1)), 'ca.crt': base64(this.pem(3 * number + 2)), 'tls.key': base64(this.key) },
    };
  }
}
