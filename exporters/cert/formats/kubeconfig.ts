/**
 * Certificates that a kubeconfig holds (…-data) or names. Found by their keys, line by line: kubeconfigs are written by
 * kubeadm, kubectl and Cluster API as plain block YAML or JSON, and a YAML parser costs a small process a quarter of
 * its memory. A value that is written in another way (a folded block) is a problem, not silence.
 */
import type { Found } from './found.ts';
import type { SkipReason } from '../catalogue.ts';
import type { Certificate } from '../x509/certificate.ts';
import { readPem } from './pem.ts';

const field = /(?:^|[\s{,"'])(?:certificate-authority|client-certificate)(-data)?["']?[ \t]*:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s,}#][^\n,}]*))?/g;

export function isKubeconfig(content: Buffer): boolean {
  return content.includes('clusters') && (content.includes('certificate-authority') || content.includes('client-certificate'));
}

export function readKubeconfig(content: Buffer): Found {
  const certificates: Certificate[] = [];
  const problems: SkipReason[] = [];
  const references: string[] = [];
  for (const [, data, double, single, bare] of content.toString('utf8').matchAll(field)) {
    const text = (double ?? single ?? bare ?? '').trim();
    if (text === '') continue;
    if (!data) references.push(text);
    else {
      const found = readPem(Buffer.from(text, 'base64'));
      certificates.push(...found.certificates);
      problems.push(...(found.certificates.length + found.problems.length > 0 ? found.problems : ['bad_kubeconfig' as const]));
    }
  }
  return { certificates, crls: [], problems, references };
}
