/** Finds the chart an App names: one that ships with Keelson, one of a Catalog, or one behind an OCI reference. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { labels } from '../../api/labels.ts';
import { chartMetadata, type ChartStore, readChart, type Repository } from '../../helm/index.ts';
import { type Clock, keyOf, type KubeClient, type KubeObject, type ObjectRef, resources, systemClock } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import type { AppObject } from './app-object.ts';
import type { CatalogObject } from './catalog-object.ts';

export interface Chart {
  readonly version: string;
  /** sha256 that tells it apart: of everything in a chart of ours, elsewhere of where it is from and its exact version, which never changes. */
  readonly digest: string;
  /** A folder or an archive on disk; fetched when first asked for. @throws {RepositoryError} */
  path(signal?: AbortSignal): Promise<string>;
}

export interface ChartsOptions {
  /** Folder with the charts that ship with Keelson. */
  readonly chartsDir: string;
  /** For charts from elsewhere; without it there are none. */
  readonly store?: Pick<ChartStore, 'fetch' | 'ping'> | undefined;
  readonly catalogs?: { get(ref: ObjectRef): CatalogObject | undefined } | undefined;
  /** Where the fleet's owners keep shared Catalogs. */
  readonly sharedNamespace: string;
  readonly client: Pick<KubeClient, 'get'>;
  /** How long what was read of a chart that ships holds, in milliseconds: they do not change below a process, and every look at an App needs the digest. Default: it is read each time. */
  readonly keptMs?: number | undefined;
  readonly clock?: Pick<Clock, 'monotonicMs'>;
}

const chartName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
/** Names in repositories also have dots, underscores and capitals; no slash, which would lead elsewhere. */
const remoteName = /^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$/;
const exactVersion = /^v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?$/;

export class Charts {
  readonly #o: ChartsOptions;
  readonly #shipped = new Map<string, { readonly chart: Promise<Chart>; readonly untilMs: number }>();

  constructor(options: ChartsOptions) {
    this.#o = options;
  }

  /** The Catalog of an App. @throws {OperatorError} CATALOG_NOT_FOUND */
  catalogOf(app: AppObject): CatalogObject | undefined {
    const { catalog } = app.spec;
    if (!catalog) return undefined;
    const ref = { namespace: catalog.shared ? this.#o.sharedNamespace : (app.metadata.namespace ?? ''), name: catalog.name };
    const found = this.#o.catalogs?.get(ref);
    if (!found) throw new OperatorError('CATALOG_NOT_FOUND', `there is no Catalog ${keyOf(ref)}; correct spec.catalog${catalog.shared ? '' : ", or set shared for one of the fleet's owners"}`);
    return found;
  }

  /** Its path throws CHART_NOT_FOUND where only what is installed still knows it. @throws {OperatorError} CHART_NOT_FOUND, CATALOG_NOT_FOUND */
  async find(app: AppObject): Promise<Chart> {
    const { chart, version } = app.spec;
    const catalog = this.catalogOf(app);
    if (catalog) return this.#remote({ chart, version, origin: keyOf(catalog.metadata), repository: (signal) => this.repository(catalog, signal) });
    if (!chart.startsWith('oci://')) return await this.#shippedChart(chart).then((found) => ofVersion(found, { chart, version })).catch((reason: unknown) => asInstalled(app, reason));
    const at = chart.lastIndexOf('/');
    const repository: Repository = { urls: [chart.slice(0, at)] };
    return this.#remote({ chart: chart.slice(at + 1), version, origin: chart.slice(0, at), repository: () => Promise.resolve(repository) });
  }

  /** Addresses and credentials of a Catalog. @throws {OperatorError} CATALOG_NOT_FOUND where the Secret is missing, incomplete or not meant for it */
  async repository(catalog: CatalogObject, signal?: AbortSignal): Promise<Repository> {
    const { repositories, secret, ca } = catalog.spec;
    const credentials = secret === undefined ? undefined : await this.#credentials({ namespace: catalog.metadata.namespace, name: secret }, catalog, signal);
    return { urls: repositories.map(({ url }) => url), ca, credentials };
  }

  async #shippedChart(name: string): Promise<Chart> {
    const { chartsDir, keptMs = 0, clock = systemClock } = this.#o;
    const now = clock.monotonicMs();
    const kept = this.#shipped.get(name);
    if (kept && kept.untilMs > now) return await kept.chart;
    const chart = findShipped(chartsDir, { chart: name });
    if (keptMs > 0) this.#shipped.set(name, { chart, untilMs: now + keptMs });
    chart.catch(() => this.#shipped.delete(name));
    return await chart;
  }

  #remote(o: { readonly chart: string; readonly version: string | undefined; readonly origin: string; readonly repository: (signal?: AbortSignal) => Promise<Repository> }): Chart {
    const { chart, version, origin } = o;
    const { store } = this.#o;
    if (!store) throw new OperatorError('CHART_NOT_FOUND', `chart ${chart}: this operator takes no charts from elsewhere`);
    if (!remoteName.test(chart)) throw new OperatorError('CHART_NOT_FOUND', `"${chart}" is no name of a chart; correct spec.chart`);
    if (version === undefined || !exactVersion.test(version)) throw new OperatorError('CHART_NOT_FOUND', `chart ${chart} needs an exact version like 1.2.3${version === undefined ? '' : `, not "${version}"`}; set spec.version`);
    const path = async (signal?: AbortSignal): Promise<string> => (await store.fetch(await o.repository(signal), { chart, version }, signal)).path;
    return { version, path, digest: digest([['origin', origin], ['chart', chart], ['version', version]]) };
  }

  async #credentials(ref: ObjectRef, catalog: CatalogObject, signal: AbortSignal | undefined): Promise<{ username: string; password: string }> {
    const found = await this.#o.client.get<KubeObject & { data?: Record<string, string> }>(resources.secrets, ref, { signal });
    const what = `Catalog ${keyOf(catalog.metadata)}: Secret ${ref.name}`;
    // The right to create Catalogs is no right to read Secrets: a login goes wherever the Catalog says.
    if (found && found.metadata.labels?.[labels.catalogLogin] !== 'true') throw new OperatorError('CATALOG_NOT_FOUND', `${what} lacks the label ${labels.catalogLogin}: "true"; without it nothing of it is sent anywhere`);
    const field = (key: string): string | undefined => (found?.data?.[key] === undefined ? undefined : Buffer.from(found.data[key], 'base64').toString('utf8'));
    const [username, password] = [field('username'), field('password')];
    if (username === undefined || password === undefined) throw new OperatorError('CATALOG_NOT_FOUND', `${what} ${found ? 'lacks username or password' : 'is not there'}`);
    return { username, password };
  }
}

/** @throws {OperatorError} CHART_NOT_FOUND */
export async function findShipped(chartsDir: string, { chart, version }: { readonly chart: string; readonly version?: string | undefined }): Promise<Chart> {
  if (!chartName.test(chart)) throw new OperatorError('CHART_NOT_FOUND', `"${chart}" is neither the name of a chart nor an OCI reference; correct spec.chart`);
  const path = join(chartsDir, chart);
  const files = await readChart(path);
  const found = chartMetadata(files);
  if (!found) throw new OperatorError('CHART_NOT_FOUND', `chart ${chart} does not ship with this Keelson; correct spec.chart, or name a Catalog`);
  return ofVersion({ version: found.version, path: () => Promise.resolve(path), digest: digest(files) }, { chart, version });
}

/**
 * A chart of a former Keelson that is installed: which one it was is known, so that a release that stays as it is needs
 * no more; to install it is as impossible as ever. @throws the reason where another one is installed
 */
function asInstalled({ spec, status }: AppObject, reason: unknown): Chart {
  const { chart, version, chartDigest } = status?.release ?? {};
  const isMissing = reason instanceof OperatorError && reason.code === 'CHART_NOT_FOUND';
  if (!isMissing || version === undefined || chartDigest === undefined || chart !== spec.chart || version !== spec.version) throw reason;
  return { version, digest: chartDigest, path: () => Promise.reject(reason) };
}

function ofVersion(found: Chart, { chart, version }: { readonly chart: string; readonly version?: string | undefined }): Chart {
  if (version === undefined || version === found.version) return found;
  throw new OperatorError('CHART_NOT_FOUND', `chart ${chart} ships in version ${found.version}, not ${version}; correct or remove spec.version`);
}

function digest(parts: Iterable<readonly [string, string | Buffer]>): string {
  const hash = createHash('sha256');
  for (const [name, content] of parts) hash.update(`${name}\0${content.length}\0`).update(content);
  return hash.digest('hex');
}

interface ReleaseParts {
  readonly release: string;
  readonly namespace: string;
  readonly namespaceLabels?: Readonly<Record<string, string>> | undefined;
  readonly values: unknown;
}

/** What a release is made of: the same digest needs no Helm. Key order in values means nothing. */
export function releaseDigest(chart: Pick<Chart, 'digest'>, { release, namespace, namespaceLabels = {}, values }: ReleaseParts): string {
  const labels = Object.keys(namespaceLabels).length === 0 ? [] : [['labels', JSON.stringify(sorted(namespaceLabels))] as const];
  return `sha256:${digest([['chart', chart.digest], ['release', `${namespace}/${release}`], ['values', JSON.stringify(sorted(values))], ...labels])}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
