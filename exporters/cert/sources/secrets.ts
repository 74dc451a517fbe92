/**
 * Certificates in Secrets of type kubernetes.io/tls, kept by list and watch. Of a Secret only its certificates' dates
 * and serial numbers are stored: the transform throws keys away before anything is cached. RBAC cannot limit reading
 * to one type of Secret: whoever may list them may read them all, which is why namespaces can be named instead.
 */
import type { Clock } from '../../core/clock.ts';
import type { SourceHealth } from '../../core/source-health.ts';
import type { SeriesStore } from '../../core/store.ts';
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import type { Log } from '../../../provisioner/kube/log.ts';
import { Reflector } from '../../../provisioner/kube/reflector.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import type { SkipReason } from '../catalogue.ts';
import { certificatesOf } from '../certificate.ts';
import { secretSamples, type SecretCertificate } from '../samples.ts';

/** What stays of a Secret. */
export interface CachedSecret extends KubeObject {
  readonly certificateName: string;
  readonly certificates: readonly SecretCertificate[];
  readonly problems: readonly SkipReason[];
}

export interface SecretsOptions {
  readonly client: KubeClient;
  /** Empty: all. */
  readonly namespaces: readonly string[];
  readonly store: SeriesStore;
  readonly health: SourceHealth;
  readonly clock: Clock;
  readonly log: Log;
  readonly onSkipped: (name: string, reason: SkipReason) => void;
  readonly onCollision: (count: number) => void;
}

/** Changes that come close together become one snapshot. */
const publishAfterMs = 100;

export class SecretsSource {
  readonly #options: SecretsOptions;
  readonly #reflectors: readonly Reflector<CachedSecret>[];
  #cancelPublish: (() => void) | undefined;

  constructor(options: SecretsOptions) {
    const { client, namespaces, clock, log } = options;
    this.#options = options;
    const scopes = namespaces.length ? [...new Set(namespaces)] : [undefined];
    this.#reflectors = scopes.map((namespace) => new Reflector<CachedSecret>({
      client, resource: resources.secrets, namespace, fieldSelector: 'type=kubernetes.io/tls', transform: withoutKeys, clock, log,
    }));
  }

  /** Watches until the signal. Resolves when everything has stopped. */
  async run(signal: AbortSignal): Promise<void> {
    for (const reflector of this.#reflectors) {
      reflector.onChange(({ type, object }) => this.#apply(type, object));
      reflector.start(signal);
      reflector.whenSynced(signal).then(() => this.check(), () => undefined); // rejects only with the signal
    }
    await Promise.all(this.#reflectors.map((reflector) => reflector.whenStopped()));
    this.#cancelPublish?.();
  }

  /** Tells health how the watches are; to be called now and then. */
  check(): void {
    const { health, clock } = this.#options;
    const states = this.#reflectors.map((reflector) => reflector.status());
    if (states.some(({ isSynced, failure }) => !isSynced || failure !== undefined)) return health.failed();
    const silentMs = Math.max(...states.map((state) => state.silentMs ?? 0));
    this.#publish();
    health.succeeded(new Date(clock.now().getTime() - silentMs), states.reduce((sum, { objects }) => sum + objects, 0));
  }

  #apply(type: 'added' | 'modified' | 'deleted', { metadata, certificateName, certificates, problems }: CachedSecret): void {
    const { store, health, onSkipped, onCollision } = this.#options;
    const { name, namespace = '' } = metadata;
    const object = `${namespace}/${name}`;
    if (type === 'deleted') store.delete(object);
    else {
      const { collisions } = store.set(object, secretSamples({ name, namespace, certificateName }, certificates));
      if (collisions > 0) onCollision(collisions / 2);
      for (const reason of problems) {
        health.skipped(reason);
        onSkipped(object, reason);
      }
    }
    this.#cancelPublish ??= this.#options.clock.after(publishAfterMs, () => this.#publish());
  }

  #publish(): void {
    this.#cancelPublish?.();
    this.#cancelPublish = undefined;
    this.#options.store.publish();
  }
}

/** Runs on every Secret before it is cached. Nothing of `data` but dates and serial numbers leaves this function. */
export function withoutKeys(secret: KubeObject): CachedSecret {
  const { name, namespace, uid, resourceVersion, annotations } = secret.metadata;
  const data = (secret['data'] ?? {}) as Readonly<Record<string, string | undefined>>;
  const certificates: SecretCertificate[] = [];
  const problems: SkipReason[] = [];
  for (const key of ['ca.crt', 'tls.crt'] as const) {
    const found = certificatesOf(Buffer.from(data[key] ?? '', 'base64'));
    certificates.push(...found.certificates.map((certificate) => ({ ...certificate, key })));
    problems.push(...found.problems);
    if (key === 'tls.crt' && found.certificates.length + found.problems.length === 0) problems.push('no_certificate');
  }
  return {
    apiVersion: secret.apiVersion,
    kind: secret.kind,
    metadata: { name, ...(namespace && { namespace }), ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
    certificateName: annotations?.['cert-manager.io/certificate-name'] ?? '',
    certificates,
    problems,
  };
}
