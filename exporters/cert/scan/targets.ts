/** Certificates of a path, an endpoint or a cluster, read once. */
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import type { SkipReason } from '../catalogue.ts';
import { isPkcs12, readContent } from '../formats/content.ts';
import { problem, type Found } from '../formats/found.ts';
import { handshake } from '../sources/handshake.ts';
import { hostAndPort } from '../sources/endpoints.ts';
import { passphraseIn } from '../sources/passphrase.ts';
import { walk } from '../sources/walk.ts';
import { readCertificate, type Certificate } from '../x509/certificate.ts';
import { identityOf } from '../x509/identity.ts';

export interface Entry {
  /** Path, endpoint, or "namespace/name (key)". */
  readonly where: string;
  readonly subjectCn: string;
  readonly issuerCn: string;
  readonly serial: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

export interface Scanned {
  readonly entries: readonly Entry[];
  readonly problems: readonly { readonly where: string; readonly reason: SkipReason | string }[];
  /** The target as a whole could not be read. */
  readonly isUnreadable: boolean;
}

const timeoutMs = 10_000;
const maxFileBytes = 64 * 1024 * 1024;

export async function scanPath(path: string, passphraseFile: string | undefined): Promise<Scanned> {
  const passphrases = passphraseFile === undefined ? [] : [passphraseIn(passphraseFile)].filter((one) => one !== undefined);
  const entries: Entry[] = [];
  const problems: Scanned['problems'][number][] = [];
  try {
    if (!(await stat(path)).isDirectory()) return collect(path, await readOne(path, passphrases));
    for await (const found of walk({ directory: path, wants: () => true }, new AbortController().signal)) {
      if (found.kind === 'skipped') problems.push({ where: found.path, reason: found.reason });
      else {
        const one = collect(found.path, await readOne(found.real, passphrases).catch((error: unknown) => problem(reasonOf(error))));
        entries.push(...one.entries);
        problems.push(...one.problems);
      }
    }
    return { entries, problems, isUnreadable: problems.some(({ where }) => where === path) };
  } catch (error) {
    return unreadable(path, reasonOf(error));
  }
}

export async function scanEndpoint(address: string, caFile: string | undefined): Promise<Scanned> {
  try {
    const { host, port } = hostAndPort(address);
    const ca = caFile === undefined ? undefined : await readFile(caFile);
    const { chain, isVerified, problem: why } = await handshake({ host, port, serverName: host, ca, timeoutMs, signal: new AbortController().signal });
    const certificates = chain.map((der) => readCertificate(der)).filter((one) => one !== undefined);
    return { entries: certificates.map((one) => entryOf(address, one)), problems: isVerified ? [] : [{ where: address, reason: `not verified: ${why ?? 'unknown'}` }], isUnreadable: false };
  } catch (error) {
    return unreadable(address, error instanceof Error ? error.message : String(error));
  }
}

export interface ClusterTarget {
  readonly kubeconfig: string;
  readonly context: string | undefined;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly userAgent: string;
}

export async function scanCluster({ kubeconfig, context, namespaces, userAgent }: ClusterTarget): Promise<Scanned> {
  const [{ fromKubeconfig }, { resources }] = await Promise.all([import('../../../provisioner/kube/kubeconfig.ts'), import('../../../provisioner/kube/resources.ts')]);
  const all: Scanned[] = [];
  try {
    const client = await fromKubeconfig(await readFile(kubeconfig, 'utf8'), { context, userAgent, folder: dirname(kubeconfig) });
    try {
      for (const namespace of namespaces.length ? namespaces : [undefined]) {
        for await (const page of client.pages<KubeObject>(resources.secrets, { namespace, fieldSelector: 'type=kubernetes.io/tls', limit: 100 })) {
          if (page.isRestart) all.length = 0;
          for (const secret of page.items) all.push(...secretOf(secret));
        }
      }
    } finally {
      client.close();
    }
  } catch (error) {
    return unreadable(kubeconfig, error instanceof Error ? error.message : String(error));
  }
  return { entries: all.flatMap(({ entries }) => entries), problems: all.flatMap(({ problems }) => problems), isUnreadable: false };
}

function secretOf({ metadata, data }: KubeObject): Scanned[] {
  const contents = (data ?? {}) as Readonly<Record<string, string | undefined>>;
  return ['tls.crt', 'ca.crt'].map((key) => collect(`${metadata.namespace ?? ''}/${metadata.name} (${key})`, readContent(Buffer.from(contents[key] ?? '', 'base64'))));
}

async function readOne(path: string, passphrases: readonly string[]): Promise<Found> {
  if ((await stat(path)).size > maxFileBytes) return problem('too_large');
  const content = await readFile(path);
  if (!isPkcs12(content)) return readContent(content, passphrases);
  const { openPkcs12 } = await import('../formats/pkcs12-worker.ts');
  const sibling = passphraseIn(`${path}.pass`);
  const answer = openPkcs12({ content, passphrases: sibling === undefined ? passphrases : [...passphrases, sibling] });
  if (answer.kind !== 'opened') return problem(answer.kind);
  return { certificates: answer.certificates.map((der) => readCertificate(Buffer.from(der))).filter((one) => one !== undefined), crls: [], problems: [] };
}

const collect = (where: string, { certificates, problems }: Found): Scanned => ({
  entries: certificates.map((one) => entryOf(where, one)), problems: problems.map((reason) => ({ where, reason })), isUnreadable: false,
});

function entryOf(where: string, certificate: Certificate): Entry {
  const { subjectCn, issuerCn } = identityOf(certificate);
  const { serial, notBefore, notAfter } = certificate;
  return { where, subjectCn, issuerCn, serial, notBefore, notAfter };
}

const unreadable = (where: string, reason: string): Scanned => ({ entries: [], problems: [{ where, reason }], isUnreadable: true });

function reasonOf(error: unknown): SkipReason {
  const reasons: Readonly<Record<string, SkipReason>> = { ENOENT: 'not_found', EACCES: 'permission_denied', EPERM: 'permission_denied', ELOOP: 'broken_symlink' };
  return reasons[(error as { code?: string }).code ?? ''] ?? 'read_failed';
}
