/**
 * Certificates of cert-manager (cert-manager.io/v1): what it says of them, and whose issuer they come from. One that
 * was never issued has no dates and is there all the same, not ready.
 */
import type { KubeClient } from '../../../provisioner/kube/client.ts';
import { Reflector } from '../../../provisioner/kube/reflector.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { Condition, KubeObject } from '../../../provisioner/kube/types.ts';
import type { Rendered, Sample } from '../../core/store.ts';
import type { Config } from '../config.ts';
import type { SourceHooks } from './hooks.ts';
import { bare, WatchedSource, type Kept } from './watched.ts';

export interface CertificatesOptions extends SourceHooks {
  readonly client: KubeClient;
  readonly config: Config['certificates'];
}

interface IssuerRef { readonly name: string; readonly kind?: string }

/** What is read of a Certificate. Times are RFC 3339. */
interface Certificate extends KubeObject {
  readonly spec?: { readonly issuerRef?: IssuerRef };
  readonly status?: { readonly notAfter?: string; readonly notBefore?: string; readonly renewalTime?: string; readonly failedIssuanceAttempts?: number; readonly conditions?: readonly Condition[] };
}

interface KeptCertificate extends Kept {
  readonly issuerRef: IssuerRef;
  readonly status: Certificate['status'];
}

interface KeptIssuer extends KubeObject { readonly isManaged: boolean }

/** The label that tells issuers of the platform from those of its users. */
const managedLabel = { key: 'giantswarm.io/service-type', value: 'managed' };

export class CertificatesSource {
  readonly #options: CertificatesOptions;
  readonly #watched: WatchedSource;
  readonly #issuers: { readonly cluster: Reflector<KeptIssuer>; readonly namespaced: readonly Reflector<KeptIssuer>[] };

  constructor(options: CertificatesOptions) {
    const { client, config, log, clock } = options;
    this.#options = options;
    const scopes = config.namespaces.length ? [...new Set(config.namespaces)] : [undefined];
    const selections = scopes.map((namespace) => ({ resource: resources.certificates, namespace, labelSelector: config.labelSelector || undefined }));
    this.#watched = new WatchedSource({ ...options, selections, keep: (object) => this.#keep(object as Certificate) });
    const issuers = { client, log, clock, transform: keepIssuer };
    this.#issuers = {
      cluster: new Reflector<KeptIssuer>({ ...issuers, resource: resources.clusterIssuers }),
      namespaced: scopes.map((namespace) => new Reflector<KeptIssuer>({ ...issuers, resource: resources.issuers, namespace })),
    };
  }

  async run(signal: AbortSignal): Promise<void> {
    const issuers = [this.#issuers.cluster, ...this.#issuers.namespaced];
    for (const issuer of issuers) {
      issuer.onChange(() => this.#renderAll());
      issuer.start(signal);
    }
    await Promise.all([this.#watched.run(signal), ...issuers.map((issuer) => issuer.whenStopped())]);
  }

  check(): void {
    this.#watched.check();
  }

  #keep(object: Certificate): KeptCertificate {
    const kept = { ...bare(object), issuerRef: object.spec?.issuerRef ?? { name: '' }, status: object.status, problems: [], collisions: 0 };
    return { ...kept, lines: this.#render(kept) };
  }

  #render({ metadata, issuerRef, status }: Pick<KeptCertificate, 'metadata' | 'issuerRef' | 'status'>): Rendered {
    const { store } = this.#options;
    const labels = { name: metadata.name, namespace: metadata.namespace ?? '', issuer_ref: issuerRef.name, managed_issuer: this.#isManaged(issuerRef, metadata.namespace) };
    return store.render(samplesOf(labels, status));
  }

  /** "true", "false", or "" while the issuer is not known. */
  #isManaged({ name, kind }: IssuerRef, namespace: string | undefined): string {
    const { cluster, namespaced } = this.#issuers;
    const found = kind === 'ClusterIssuer' ? cluster.get({ name }) : namespaced.map((issuers) => issuers.get({ name, namespace })).find((one) => one !== undefined);
    return found ? String(found.isManaged) : '';
  }

  /** An issuer came, went or changed its owner: few and seldom, so all Certificates are written again. */
  #renderAll(): void {
    this.#watched.rewrite((object) => this.#render(object as KeptCertificate));
  }
}

function keepIssuer(object: KubeObject): KeptIssuer {
  return { ...bare(object), isManaged: object.metadata.labels?.[managedLabel.key] === managedLabel.value };
}

/** Exported for the test of what is written when. */
export function samplesOf(labels: Readonly<Record<string, string>>, status: Certificate['status'] = {}): Sample[] {
  const at = (family: string, time: string | undefined): Sample[] => {
    const ms = Date.parse(time ?? '');
    return Number.isNaN(ms) ? [] : [{ family: `cert_exporter_${family}`, labels, value: ms / 1000 }];
  };
  const isReady = status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
  return [
    ...at('certificate_cr_not_after', status.notAfter),
    ...at('certificate_cr_not_before', status.notBefore),
    { family: 'cert_exporter_certificate_ready', labels, value: isReady ? 1 : 0 },
    ...at('certificate_renewal_time', status.renewalTime),
    { family: 'cert_exporter_certificate_failed_attempts', labels, value: status.failedIssuanceAttempts ?? 0 },
  ];
}
