/** Certificates of every kind, made with the openssl command: an implementation that is not ours. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class OpenSsl {
  readonly folder = mkdtempSync(join(tmpdir(), 'openssl-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Buffer {
    return readFileSync(this.path(name));
  }

  run(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /**
   * Self-signed, in `<name>.crt` and `<name>.key`.
   * @param dates as `openssl ca` takes them: YYMMDDHHMMSSZ until 2049, YYYYMMDDHHMMSSZ after
   */
  certificate(name: string, of: { key?: readonly string[]; subject?: string; extensions?: string; serial?: string; dates?: readonly [string, string]; isV1?: boolean } = {}): Buffer {
    const { key = ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], subject = `/CN=${name}`, extensions = '', serial = '1f', dates = ['260101000000Z', '270101000000Z'], isV1 = false } = of;
    const v3 = isV1 ? '' : `x509_extensions = v3\n`;
    writeFileSync(this.path('ca.cnf'), `[ca]\ndefault_ca = d\n[d]\ndatabase = ${this.path('index.txt')}\nserial = ${this.path('serial')}\nnew_certs_dir = ${this.folder}\ndefault_md = sha256\npolicy = p\nunique_subject = no\n${v3}[p]\ncommonName = optional\norganizationName = optional\n[v3]\n${extensions || 'basicConstraints = CA:FALSE'}\n[req]\ndistinguished_name = dn\n[dn]\n`);
    writeFileSync(this.path('index.txt'), '');
    writeFileSync(this.path('serial'), serial.length % 2 ? `0${serial}` : serial);
    this.run('genpkey', '-algorithm', ...key, '-out', `${name}.key`);
    this.run('req', '-new', '-utf8', '-config', 'ca.cnf', '-key', `${name}.key`, '-subj', subject, '-out', `${name}.csr`);
    this.run('ca', '-batch', '-notext', '-selfsign', '-config', 'ca.cnf', '-keyfile', `${name}.key`, '-in', `${name}.csr`, '-out', `${name}.crt`, '-startdate', dates[0], '-enddate', dates[1], '-preserveDN');
    return this.read(`${name}.crt`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
