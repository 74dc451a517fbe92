/** The EndpointSlices of one Service, kept by list and watch. What was known stays known while the API server is away. */
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import { Reflector } from '../../../provisioner/kube/reflector.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { Clock } from '../../core/clock.ts';
import type { SourceHealth } from '../../core/source-health.ts';
import { type EndpointSlice, trimmed } from './endpoint-slices.ts';

export interface SliceSourceOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly service: string;
  readonly health: SourceHealth;
  readonly clock: Clock;
  readonly onFailed: (error: unknown) => void;
}

export class SliceSource {
  readonly #options: SliceSourceOptions;
  readonly #reflector: Reflector<EndpointSlice>;

  constructor(options: SliceSourceOptions) {
    const { client, namespace, service, clock, health, onFailed } = options;
    this.#options = options;
    this.#reflector = new Reflector<EndpointSlice>({
      client, namespace, resource: resources.endpointSlices, labelSelector: `kubernetes.io/service-name=${service}`, transform: trimmed, clock,
      observer: {
        listed: () => this.check(), watched: () => undefined, stored: () => undefined,
        failed: (error) => {
          health.skipped('list_or_watch_failed');
          onFailed(error);
        },
      },
    });
  }

  /** Watches until the signal; resolves when everything has stopped. */
  async run(signal: AbortSignal): Promise<void> {
    this.#reflector.start(signal);
    await this.#reflector.whenStopped();
  }

  get slices(): readonly EndpointSlice[] {
    return this.#reflector.items();
  }

  /** Tells health how the watch is; to be called now and then. */
  check(): void {
    const { health, clock } = this.#options;
    const { isSynced, failure, silentMs = 0 } = this.#reflector.status();
    if (!isSynced || failure !== undefined) return health.failed(failure ?? 'not listed yet');
    health.succeeded(new Date(clock.now().getTime() - silentMs), this.slices.reduce((sum, { endpoints = [] }) => sum + endpoints.length, 0));
  }
}
