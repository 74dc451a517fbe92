/** The source over Secrets or ConfigMaps: a watch, the namespaces it is limited to, and keystores opened beside it. */
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import type { Pkcs12Reader } from '../formats/pkcs12.ts';
import { keepData, placeOf, samplesOf, type DataOptions, type KeptData, type Keystore } from './data.ts';
import type { SourceHooks } from './hooks.ts';
import { SelectedNamespaces } from './namespaces.ts';
import { WatchedSource, type Kept, type Selection } from './watched.ts';

export interface DataSourceOptions extends SourceHooks, Pick<DataOptions, 'keys' | 'passphrases' | 'passphraseIn'> {
  readonly client: KubeClient;
  readonly kind: 'Secret' | 'ConfigMap';
  readonly selections: readonly Selection[];
  /** "": all. */
  readonly namespaceSelector: string;
  readonly pkcs12: Pkcs12Reader;
  /** Objects ("namespace/name") whose leaf is compared with what endpoints serve. */
  readonly wantedLeaves: ReadonlySet<string>;
}

export class DataSource {
  readonly #options: DataSourceOptions;
  readonly #watched: WatchedSource;
  readonly #namespaces: SelectedNamespaces | undefined;
  /** Keystores that wait to be opened, the latest of each object and key. */
  readonly #waiting = new Map<string, Keystore>();
  /** Version of each object that has a keystore, to tell a late answer. */
  readonly #versions = new Map<string, { version: string; keys: Set<string> }>();
  #opening: Promise<void> = Promise.resolve();

  constructor(options: DataSourceOptions) {
    const { client, selections, namespaceSelector, log } = options;
    this.#options = options;
    this.#namespaces = namespaceSelector ? new SelectedNamespaces({ client, labelSelector: namespaceSelector, log }) : undefined;
    this.#watched = new WatchedSource({
      ...options, selections, keep: (object) => this.#keep(object), isWanted: (namespace) => this.#namespaces?.has(namespace) ?? true,
      onChange: (type, object) => this.#changed(type, object),
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#watched.run(signal), this.#namespaces?.run(signal, () => this.#watched.rewrite())]);
    await this.#opening;
  }

  check(): void {
    this.#watched.check();
  }

  /** SHA-256 prefix of tls.crt of a Secret among `wantedLeaves`; undefined where there is none. */
  leafOf(object: string): string | undefined {
    const found = this.#watched.items().find(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}` === object) as KeptData | undefined;
    return found?.leaf;
  }

  #keep(object: KubeObject): Kept {
    const { store, keys, passphrases, passphraseIn, wantedLeaves } = this.#options;
    return keepData(object, { store, keys, passphrases, passphraseIn, wantsLeaf: (name) => wantedLeaves.has(name), onKeystore: (keystore) => void this.#waiting.set(idOf(keystore), keystore) });
  }

  /** After the object itself is in place its keystores are opened, one after another. */
  #changed(type: 'added' | 'modified' | 'deleted', { metadata }: Kept): void {
    const object = `${metadata.namespace ?? ''}/${metadata.name}`;
    const mine = [...this.#waiting].filter(([, keystore]) => keystore.object === object);
    for (const [id] of mine) this.#waiting.delete(id);
    const before = this.#versions.get(object);
    if (mine.length === 0 && !before) return;
    const keys = new Set(type === 'deleted' ? [] : mine.map(([, { key }]) => key));
    for (const key of before?.keys ?? []) if (!keys.has(key)) this.#options.store.delete(this.#storeId({ object, key }));
    if (keys.size === 0) return void this.#versions.delete(object);
    this.#versions.set(object, { version: metadata.resourceVersion ?? '', keys });
    for (const [, keystore] of mine) this.#opening = this.#opening.then(() => this.#open(keystore));
  }

  async #open(keystore: Keystore): Promise<void> {
    const { pkcs12, store, health, onSkipped, onCollision, kind } = this.#options;
    const found = await pkcs12.read(keystore.content, keystore.passphrase === undefined ? [] : [keystore.passphrase]);
    if (this.#versions.get(keystore.object)?.version !== keystore.resourceVersion) return;
    const { samples, collisions } = samplesOf({ place: placeOf({ kind }), labels: keystore.labels, key: keystore.key, found, store });
    if (this.#namespaces?.has(keystore.labels['namespace'] ?? '') ?? true) store.set(this.#storeId(keystore), store.render(samples));
    if (collisions > 0) onCollision(collisions);
    for (const reason of found.problems) {
      health.skipped(reason);
      onSkipped(`${keystore.object} (${keystore.key})`, reason);
    }
  }

  #storeId({ object, key }: { object: string; key: string }): string {
    return `${this.#options.kind}:${object}#${key}`;
  }
}

const idOf = ({ object, key }: Keystore): string => `${object}#${key}`;
