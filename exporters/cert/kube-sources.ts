/** The sources in the API server, those that are on, behind one client. */
import type { KubeClient } from '../../provisioner/kube/client.ts';
import type { Clock } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import type { Config } from './config.ts';
import type { Parts } from './parts.ts';
import { caBundleResources, keepCaBundles } from './sources/ca-bundles.ts';
import { CertificatesSource } from './sources/certificates.ts';
import { DataSource } from './sources/data-source.ts';
import { configMapSelections, secretSelections } from './sources/data.ts';
import { passphraseIn } from './sources/passphrase.ts';
import { WatchedSource } from './sources/watched.ts';

export interface KubeSourcesOptions {
  readonly config: Config;
  readonly client: KubeClient;
  readonly log: Log;
  readonly clock: Clock;
}

/** How often the state of the watches is written to the health families, in milliseconds. */
const checkIntervalMs = 5000;

interface Source {
  run(signal: AbortSignal): Promise<void>;
  check(): void;
}

export class KubeSources {
  readonly #options: KubeSourcesOptions;
  readonly #parts: Parts;
  readonly #secrets: DataSource | undefined;
  readonly #sources: readonly Source[];

  constructor(options: KubeSourcesOptions, parts: Parts) {
    this.#options = options;
    this.#parts = parts;
    const { config, client } = options;
    this.#secrets = config.secrets.enabled ? this.#dataSource('Secret') : undefined;
    this.#sources = [
      this.#secrets,
      config.configMaps.enabled ? this.#dataSource('ConfigMap') : undefined,
      config.caBundles.enabled
        ? new WatchedSource({ ...parts.hooks('ca_bundles'), client, selections: config.caBundles.kinds.map((kind) => ({ resource: caBundleResources[kind] })), keep: (object) => keepCaBundles(object, parts.store) })
        : undefined,
      config.certificates.enabled ? new CertificatesSource({ ...parts.hooks('certificates'), client, config: config.certificates }) : undefined,
    ].filter((source) => source !== undefined);
  }

  /** Resolves after the signal has aborted and all watches have ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, log } = this.#options;
    const run = (): Promise<void> => {
      for (const source of this.#sources) source.check();
      return Promise.resolve();
    };
    const onError = (err: unknown): void => log.error({ err }, 'check of the watches failed');
    await Promise.all([
      ...this.#sources.map((source) => source.run(signal)),
      this.#parts.scheduler.run({ name: 'watches', intervalMs: checkIntervalMs, jitter: 0.1, timeoutMs: checkIntervalMs, run, onError }, signal),
    ]);
    client.close();
  }

  /** SHA-256 prefix of tls.crt of a Secret that an endpoint should serve from. */
  leafOf(secret: string): string | undefined {
    return this.#secrets?.leafOf(secret);
  }

  #dataSource(kind: 'Secret' | 'ConfigMap'): DataSource {
    const { config, client } = this.#options;
    const common = { client, kind, passphraseIn, pkcs12: this.#parts.pkcs12 };
    if (kind === 'ConfigMap') {
      const { keys, namespaceSelector } = config.configMaps;
      return new DataSource({ ...this.#parts.hooks('configmaps'), ...common, selections: configMapSelections(config.configMaps), namespaceSelector, keys, passphrases: [], wantedLeaves: new Set() });
    }
    const { keys, passphrases, namespaceSelector } = config.secrets;
    const wantedLeaves = new Set(config.endpoints.targets.flatMap(({ servesSecret }) => servesSecret ?? []));
    return new DataSource({ ...this.#parts.hooks('secrets'), ...common, selections: secretSelections(config.secrets), namespaceSelector, keys, passphrases, wantedLeaves });
  }
}
