/** Certificates by which the API server trusts webhooks, aggregated APIs and conversion webhooks. */
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import type { Sample, SeriesStore } from '../../core/store.ts';
import type { SkipReason } from '../catalogue.ts';
import type { caBundleKinds } from '../config.ts';
import { readPem } from '../formats/pem.ts';
import { certificateSamples } from '../samples.ts';
import { bare, type Kept } from './watched.ts';

export type CaBundleKind = (typeof caBundleKinds)[number];

export const caBundleResources = {
  MutatingWebhookConfiguration: resources.mutatingWebhookConfigurations,
  ValidatingWebhookConfiguration: resources.validatingWebhookConfigurations,
  APIService: resources.apiServices,
  CustomResourceDefinition: resources.customResourceDefinitions,
} as const satisfies Record<CaBundleKind, unknown>;

interface ClientConfig { readonly caBundle?: string }
interface Bundle { readonly webhook: string; readonly caBundle: string }

export function keepCaBundles(object: KubeObject, store: SeriesStore): Kept {
  const samples: Sample[] = [];
  const problems: SkipReason[] = [];
  let collisions = 0;
  for (const { webhook, caBundle } of bundlesOf(object)) {
    const found = readPem(Buffer.from(caBundle, 'base64'));
    const labels = { kind: object.kind, name: object.metadata.name, webhook };
    const rendered = certificateSamples('cert_exporter_ca_bundle', labels, found.certificates, store.has('cert_exporter_ca_bundle_info'));
    samples.push(...rendered.samples);
    collisions += rendered.collisions;
    problems.push(...found.problems, ...(found.certificates.length + found.problems.length === 0 ? ['no_certificate' as const] : []));
  }
  return { ...bare(object), lines: store.render(samples), problems, collisions };
}

/** Where each kind has its bundles; `webhook` is the name of a webhook, "" where the object has only one. */
function bundlesOf(object: KubeObject): readonly Bundle[] {
  const named = (webhook: string, config: ClientConfig | undefined): Bundle[] => (config?.caBundle ? [{ webhook, caBundle: config.caBundle }] : []);
  if (object.kind === 'APIService') return named('', object['spec'] as ClientConfig | undefined);
  if (object.kind === 'CustomResourceDefinition') {
    const { conversion } = (object['spec'] ?? {}) as { conversion?: { webhook?: { clientConfig?: ClientConfig } } };
    return named('', conversion?.webhook?.clientConfig);
  }
  const webhooks = (object['webhooks'] ?? []) as readonly { name: string; clientConfig?: ClientConfig }[];
  return webhooks.flatMap(({ name, clientConfig }) => named(name, clientConfig));
}
