/** Helm's classic repository: an index.yaml that names archives. https://helm.sh/docs/topics/chart_repository/ */
import { load } from 'js-yaml';
import { z } from 'zod';
import { RepositoryError, shown } from './errors.ts';
import { type Access, guardedGet, type GuardedAnswer } from './guarded-get.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface ChartRequest {
  readonly chart: string;
  /** Exact. */
  readonly version: string;
}

/** The largest index we know (Bitnami's) had 25 MB, the largest chart archive some 5. */
export const limits = { indexBytes: 64 * 1024 * 1024, chartBytes: 32 * 1024 * 1024 } as const;

const entry = z.looseObject({ version: z.string(), urls: z.array(z.string()).min(1), digest: z.string().optional() });
const index = z.looseObject({ entries: z.record(z.string(), z.array(z.unknown())) });

export interface Archive {
  readonly archive: Buffer;
  /** sha256 that the repository promised, hex; undefined where it promised none. */
  readonly digest: string | undefined;
}

/** @throws {RepositoryError} */
export async function fetchFromHttp(base: URL, request: ChartRequest, access: Access, credentials?: Credentials): Promise<Archive> {
  const at = await readIndex(base, access, credentials);
  const versions = at.entries[request.chart] ?? [];
  const found = versions.map((one) => entry.safeParse(one)).find((one) => one.success && same(one.data.version, request.version));
  if (!found?.success) {
    const known = versions.map((one) => entry.safeParse(one)).flatMap((one) => (one.success ? [one.data.version] : []));
    const has = known.length > 0 ? `it has ${known.slice(0, 5).join(', ')}${known.length > 5 ? ', …' : ''}` : 'it has no chart of this name';
    throw new RepositoryError('REPOSITORY_CHART_NOT_FOUND', `${shown(base)}: there is no ${request.chart} ${request.version}; ${has}`);
  }
  const url = URL.parse(found.data.urls[0] ?? '', folder(base).href);
  if (!url) throw new RepositoryError('REPOSITORY_INVALID', `${shown(base)}: the address of ${request.chart} ${request.version} is none`);
  // Credentials belong to the repository: an index may name archives anywhere.
  const answer = await guardedGet(url, url.origin === base.origin ? authorization(credentials) : {}, access, limits.chartBytes);
  return { archive: content(answer), digest: found.data.digest?.replace(/^sha256:/, '') };
}

/** Whether it answers and has an index. @throws {RepositoryError} */
export async function readIndex(base: URL, access: Access, credentials?: Credentials): Promise<z.infer<typeof index>> {
  const url = new URL('index.yaml', folder(base));
  const text = content(await guardedGet(url, authorization(credentials), access, limits.indexBytes)).toString('utf8');
  let parsed: unknown;
  try {
    parsed = load(text);
  } catch (cause) {
    throw new RepositoryError('REPOSITORY_INVALID', `${shown(url)}: not valid YAML`, { cause });
  }
  const checked = index.safeParse(parsed);
  if (!checked.success) throw new RepositoryError('REPOSITORY_INVALID', `${shown(url)}: no index of a Helm repository; is it the right address?`);
  return checked.data;
}

/** The body of a good answer. @throws {RepositoryError} for any other */
export function content({ status, body, url }: GuardedAnswer): Buffer {
  if (status === 200) return body;
  if (status === 401 || status === 403) throw new RepositoryError('REPOSITORY_UNAUTHORIZED', `${shown(url)}: ${status}; see spec.secret of the Catalog`);
  if (status === 404) throw new RepositoryError('REPOSITORY_CHART_NOT_FOUND', `${shown(url)}: 404; is it the right address?`);
  throw new RepositoryError('REPOSITORY_UNREACHABLE', `${shown(url)}: it answers ${status}`);
}

export function authorization(credentials: Credentials | undefined): { authorization?: string } {
  return credentials ? { authorization: `Basic ${Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')}` } : {};
}

const folder = (base: URL): URL => new URL(base.href.endsWith('/') ? base.href : `${base.href}/`);
/** "v1.2.0" and "1.2.0" are the same version to Helm. */
const same = (a: string, b: string): boolean => a.replace(/^v/, '') === b.replace(/^v/, '');
