/** One App's release in its cluster: is it as wanted, make it so, take it back, remove it. Knows Helm and its records, nothing of conditions. */
import { releaseName } from '../../api/app.ts';
import { type Helm, type ReleaseRecord, type ReleaseRef } from '../../helm/index.ts';
import { type Clock, keyOf, resources } from '../../kube/index.ts';
import type { AppObject } from './app-object.ts';
import type { Chart } from './chart.ts';
import { withSources } from './explain.ts';
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
  readonly objects: ReleaseRecord['objects'];
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

  /** @throws {HelmError} HELM_VALUES_INVALID before anything is run, with the sources of the values @throws {RepositoryError} */
  async upgrade(app: AppObject, place: Place, { chart, values, digest }: Wanted, signal: AbortSignal): Promise<Known> {
    const content = { chart: await chart.path(signal), values: values.merged, secrets: values.secrets };
    try {
      await this.#o.helm.checkValues({ ...releaseAt(app), ...content, signal });
    } catch (error) {
      throw withSources(error, values.layers);
    }
    await this.#labelNamespace(app, place, signal);
    const client = await place.client();
    const found = await this.#o.helm.upgradeInstall({
      ...this.#ref(app, place, signal), ...content, createNamespace: true, forceConflicts: true,
      recover: (age) => unlockRelease(client, releaseAt(app), { ...age, signal }),
    });
    const release = { name: found.name, namespace: found.namespace, chart: app.spec.chart, version: chart.version, revision: found.revision, digest };
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

  #remember(app: AppObject, release: InstalledRelease, record: ReleaseRecord | undefined): Known {
    const known = { release, objects: record?.objects ?? [], sinceMs: this.#o.clock.monotonicMs() };
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

export const releaseAt = (app: AppObject): { readonly release: string; readonly namespace: string } => ({ release: releaseName(app), namespace: app.spec.namespace });
