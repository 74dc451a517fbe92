/** Which namespaces have the wanted labels, kept by a watch. */
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import type { Log } from '../../../provisioner/kube/log.ts';
import { Reflector } from '../../../provisioner/kube/reflector.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { bare } from './watched.ts';

export class SelectedNamespaces {
  readonly #reflector: Reflector;

  constructor(options: { readonly client: KubeClient; readonly labelSelector: string; readonly log: Log }) {
    const { client, labelSelector, log } = options;
    this.#reflector = new Reflector<KubeObject>({ client, resource: resources.namespaces, labelSelector, log, transform: bare });
  }

  has(namespace: string): boolean {
    return this.#reflector.get({ name: namespace }) !== undefined;
  }

  /** @param onChange called after a namespace has come or gone */
  async run(signal: AbortSignal, onChange: () => void): Promise<void> {
    this.#reflector.start(signal);
    await this.#reflector.whenSynced(signal).catch(() => undefined); // rejects only with the signal
    this.#reflector.onChange(({ type }) => {
      if (type !== 'modified') onChange();
    });
    onChange();
    await this.#reflector.whenStopped();
  }
}
