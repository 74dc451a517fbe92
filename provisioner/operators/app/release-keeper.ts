/** One App's release in its cluster: is it as wanted, make it so, take it back, remove it. Knows Helm and its records, nothing of conditions. */
import { releaseName } from '../../api/app.ts';
import { type ChartRef, chartCrds, type Crd, type Helm, mayHaveCrds, readChart, type ReleaseRecord, type ReleaseRef } from '../../helm/index.ts';
import { type Clock, keyOf, resources } from '../../kube/index.ts';
import type { AppObject } from './app-object.ts';
import type { Chart } from './chart.ts';
import { upgradeCrds } from './crd-upgrade.ts';
import { withSources } from './explain.ts';
import { type Watched, watchedOf } from './observe.ts';
import type { Place } from './place.ts';
import { newestRecord, unlockRelease } from './release-record.ts';
import { fieldManager, type InstalledRelease } from './status.ts';
import type { ReleaseValues } from './value-layers.ts';

export interface ReleaseKeeperOptions {
  readonly helm: Pick<Helm, 'upgradeInstall' | 'checkValues' | 'rollback' | 'uninstall'>;
  readonly clock: Clock;
  /** For one run of Helm. */
  readonly helmTimeoutMs: number;
}

/** A release as this process knows it. */
export interface Known {
  readonly release: InstalledRelease;
  readonly watched: readonly Watched[];
  readonly sinceMs: number;
}

export interface Wanted {
  readonly chart: Chart;
  readonly values: ReleaseValues;
  readonly digest: string;
}

export class ReleaseKeeper {
  readonly #o: ReleaseKeeperOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: ReleaseKeeperOptions) {
    this.#o = options;
  }

  forget(key: string): void {
    this.#known.delete(key);
  }

  /** The release of this digest as it is installed; undefined where Helm has work to do. @throws {KubeError} */
  async installed(app: AppObject, place: Place, digest: string, signal: AbortSignal): Promise<Known | undefined> {
    const known = this.#known.get(keyOf(app.metadata));
    if (known) return known.release.digest === digest ? known : undefined;
    const release = app.status?.release;
    if (release?.digest !== digest) return undefined;
    const record = await this.record(app, place, signal);
    if (record?.status !== 'deployed' || record.revision !== release.revision) return undefined;
    return this.#remember(app, release, record);
  }

  /** Helm's newest record. */
  async record(app: AppObject, place: Place, signal: AbortSignal): Promise<ReleaseRecord | undefined> {
    return await newestRecord(await place.client(), releaseAt(app), signal);
  }

  /** @throws {HelmError} HELM_VALUES_INVALID, HELM_CRD_UNSAFE before anything is run @throws {RepositoryError} */
  async upgrade(app: AppObject, place: Place, { chart, values, digest }: Wanted, signal: AbortSignal): Promise<Known> {
    const content = { chart: await chart.path(signal), values: values.merged, secrets: values.secrets };
    const client = await place.client();
    const isUpgrading = (app.spec.crds ?? 'Upgrade') === 'Upgrade';
    const found = await told(values, async () => {
      const crds = await this.#check(app, content, signal);
      if (crds && isUpgrading) await upgradeCrds(crds, { client, from: { chart: app.spec.chart, version: chart.version }, clock: this.#o.clock, signal });
      await this.#labelNamespace(app, place, signal);
      return await this.#o.helm.upgradeInstall({
        ...this.#ref(app, place, signal), ...content, createNamespace: true, forceConflicts: true, skipCrds: crds !== undefined || !isUpgrading,
        recover: (age) => unlockRelease(client, releaseAt(app), { ...age, signal }),
      });
    });
    const release = { name: found.name, namespace: found.namespace, chart: app.spec.chart, version: chart.version, revision: found.revision, digest, chartDigest: chart.digest };
    return this.#remember(app, release, await this.record(app, place, signal));
  }

  /** Back to a revision, as a new one. @returns what runs now @throws {HelmError} */
  async rollBack(app: AppObject, place: Place, good: InstalledRelease, signal: AbortSignal): Promise<InstalledRelease> {
    this.forget(keyOf(app.metadata));
    await this.#o.helm.rollback({ ...this.#ref(app, place, signal), revision: good.revision });
    const record = await this.record(app, place, signal);
    return { ...good, revision: record?.revision ?? good.revision };
  }

  /** Returns when all its objects are gone, not just marked. @throws {HelmError} */
  async uninstall(app: AppObject, place: Place, signal: AbortSignal): Promise<void> {
    await this.#o.helm.uninstall({ ...this.#ref(app, place, signal), wait: true });
    this.forget(keyOf(app.metadata));
  }

  /**
   * Before anything is made, a namespace neither. Where there is a release and nothing to bring along, Helm's own check comes early enough.
   * @returns the CRDs of its folders crds/; undefined where it cannot be rendered without its cluster: they are Helm's then
   */
  async #check(app: AppObject, content: ChartRef, signal: AbortSignal): Promise<readonly Crd[] | undefined> {
    if (app.status?.release !== undefined && !mayHaveCrds(await readChart(content.chart))) return [];
    const rendered = await this.#o.helm.checkValues({ ...releaseAt(app), ...content, signal });
    return rendered === undefined ? undefined : chartCrds(rendered);
  }

  #remember(app: AppObject, release: InstalledRelease, record: ReleaseRecord | undefined): Known {
    const known = { release, watched: watchedOf(record?.objects ?? []), sinceMs: this.#o.clock.monotonicMs() };
    this.#known.set(keyOf(app.metadata), known);
    return known;
  }

  /** Before Helm, which would make it without labels: pods need the namespace's Pod Security level. */
  async #labelNamespace(app: AppObject, place: Place, signal: AbortSignal): Promise<void> {
    const labels = app.spec.namespaceLabels ?? {};
    if (Object.keys(labels).length === 0) return;
    const client = await place.client();
    await client.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: app.spec.namespace, labels } }, { fieldManager, force: true, signal });
  }

  #ref(app: AppObject, place: Place, signal: AbortSignal): ReleaseRef {
    return { ...releaseAt(app), ...place.helm, timeoutMs: this.#o.helmTimeoutMs, signal };
  }
}

/** Values that are refused are told with their sources. */
async function told<T>(values: ReleaseValues, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withSources(error, values.layers);
  }
}

export const releaseAt = (app: AppObject): { readonly release: string; readonly namespace: string } => ({ release: releaseName(app), namespace: app.spec.namespace });
