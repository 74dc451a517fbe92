/**
 * Charts in an OCI registry: manifest by tag, one layer with the archive, token authentication as registries ask for it.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md, https://helm.sh/docs/topics/registries/,
 * https://distribution.github.io/distribution/spec/auth/token/
 */
import { z } from 'zod';
import { RepositoryError, shown } from './errors.ts';
import { type Access, guardedGet, type GuardedAnswer } from './guarded-get.ts';
import { type Archive, authorization, type ChartRequest, content, type Credentials, limits } from './http-repository.ts';

const manifestTypes = 'application/vnd.oci.image.manifest.v1+json';
const chartLayer = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const manifest = z.looseObject({ layers: z.array(z.looseObject({ mediaType: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/) })) });
const token = z.looseObject({ token: z.string().optional(), access_token: z.string().optional() });
const manifestBytes = 4 * 1024 * 1024;

/** @param base oci://host/path, with the chart below it. @throws {RepositoryError} */
export async function fetchFromRegistry(base: URL, request: ChartRequest, access: Access, credentials?: Credentials): Promise<Archive> {
  const session = new Session(base, request.chart, access, credentials);
  // A tag has no "+": Helm writes "_" for it.
  const tag = request.version.replaceAll('+', '_');
  const answer = await session.get(`manifests/${tag}`, { accept: manifestTypes }, manifestBytes);
  if (answer.status === 404) throw new RepositoryError('REPOSITORY_CHART_NOT_FOUND', `${session.name}: there is no version ${request.version}`);
  const read = manifest.safeParse(json(content(answer)));
  const layer = read.success ? read.data.layers.find(({ mediaType }) => mediaType === chartLayer) : undefined;
  if (!layer) throw new RepositoryError('REPOSITORY_INVALID', `${session.name}:${tag}: this is no Helm chart; is it an image?`);
  return { archive: content(await session.get(`blobs/${layer.digest}`, {}, limits.chartBytes)), digest: layer.digest.slice('sha256:'.length) };
}

/** Whether a registry is there and lets us in. @throws {RepositoryError} */
export async function pingRegistry(base: URL, access: Access, credentials?: Credentials): Promise<void> {
  const url = registryUrl(base, access);
  const answer = await guardedGet(new URL('/v2/', url), authorization(credentials), access, manifestBytes);
  // 401 with a challenge is a registry too: what it wants a token for is known only with a repository.
  if (answer.status !== 200 && !(answer.status === 401 && answer.headers['www-authenticate']?.startsWith('Bearer'))) content(answer);
}

/** Requests about one repository; the token that the first one had to fetch serves the others. */
class Session {
  readonly name: string;
  readonly #url: URL;
  readonly #path: string;
  readonly #access: Access;
  readonly #credentials: Credentials | undefined;
  #authorization: { authorization?: string };

  constructor(base: URL, chart: string, access: Access, credentials: Credentials | undefined) {
    this.#url = registryUrl(base, access);
    this.#path = [...base.pathname.split('/').filter((part) => part !== ''), chart].join('/');
    this.name = `oci://${base.host}/${this.#path}`;
    this.#access = access;
    this.#credentials = credentials;
    this.#authorization = authorization(credentials);
  }

  async get(path: string, headers: Readonly<Record<string, string>>, limitBytes: number): Promise<GuardedAnswer> {
    const url = new URL(`/v2/${this.#path}/${path}`, this.#url);
    const first = await guardedGet(url, { ...headers, ...this.#authorization }, this.#access, limitBytes);
    const challenge = first.headers['www-authenticate'];
    if (first.status !== 401 || !challenge?.startsWith('Bearer')) return first;
    this.#authorization = { authorization: `Bearer ${await this.#token(challenge)}` };
    return await guardedGet(url, { ...headers, ...this.#authorization }, this.#access, limitBytes);
  }

  /** The realm is an address like any other: the registry names it, the policy decides. The password goes there only where it is https, or the registry's own origin. */
  async #token(challenge: string): Promise<string> {
    const fields = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    const realm = URL.parse(fields['realm'] ?? '');
    if (!realm) throw new RepositoryError('REPOSITORY_INVALID', `${this.name}: it asks for a token and does not say where`);
    if (fields['service'] !== undefined) realm.searchParams.set('service', fields['service']);
    realm.searchParams.set('scope', `repository:${this.#path}:pull`);
    const isTrusted = realm.protocol === 'https:' || realm.origin === this.#url.origin;
    const answer = await guardedGet(realm, isTrusted ? authorization(this.#credentials) : {}, this.#access, manifestBytes);
    const read = token.safeParse(json(content(answer)));
    const given = read.success ? (read.data.token ?? read.data.access_token) : undefined;
    if (given === undefined) throw new RepositoryError('REPOSITORY_UNAUTHORIZED', `${shown(realm)}: it gave no token`);
    return given;
  }
}

const registryUrl = (base: URL, { policy }: Access): URL => new URL(`${policy.speaksHttp(base.hostname) ? 'http' : 'https'}://${base.host}`);

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
