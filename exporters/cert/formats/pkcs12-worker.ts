/**
 * Opens PKCS#12 in a thread of its own: deriving keys takes from milliseconds to forever (the file says how often to
 * hash), and the library stays out of the memory of exporters that never meet one. node-forge reads the legacy
 * algorithms (RC2, 3DES), which OpenSSL 3 and Node.js do not, and the modern ones.
 */
import { parentPort } from 'node:worker_threads';
import forge from 'node-forge';

export interface Pkcs12Job {
  readonly content: Uint8Array;
  readonly passphrases: readonly string[];
}

export type Pkcs12Answer = { readonly kind: 'opened'; readonly certificates: readonly Uint8Array[] } | { readonly kind: 'bad_pkcs12' | 'bad_passphrase' };

parentPort?.on('message', (job: Pkcs12Job) => parentPort?.postMessage(openPkcs12(job)));

export function openPkcs12({ content, passphrases }: Pkcs12Job): Pkcs12Answer {
  let outer: forge.asn1.Asn1;
  try {
    outer = forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(content).toString('binary')), true);
  } catch {
    return { kind: 'bad_pkcs12' };
  }
  let isLocked = false;
  // Files without a passphrase are made with an empty one or with none at all, which hash differently (RFC 7292, B.1).
  for (const passphrase of [...passphrases, '', undefined]) {
    try {
      return { kind: 'opened', certificates: certificatesOf(forge.pkcs12.pkcs12FromAsn1(outer, false, passphrase)) };
    } catch (error) {
      isLocked ||= /password|MAC could not be verified|decrypt/i.test(error instanceof Error ? error.message : '');
    }
  }
  return { kind: isLocked ? 'bad_passphrase' : 'bad_pkcs12' };
}

function certificatesOf(file: forge.pkcs12.Pkcs12Pfx): Uint8Array[] {
  const bags = file.getBags({ bagType: forge.pki.oids['certBag'] as string })[forge.pki.oids['certBag'] as string] ?? [];
  // Certificates that are not RSA come as the tree of their ASN.1.
  const trees = bags.map((bag) => (bag.cert ? forge.pki.certificateToAsn1(bag.cert) : (bag as { asn1?: forge.asn1.Asn1 }).asn1));
  return trees.filter((tree) => tree !== undefined).map((tree) => Buffer.from(forge.asn1.toDer(tree).getBytes(), 'binary'));
}
