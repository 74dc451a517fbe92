/** Webhook configurations of a manager, and the Service they and the conversion of CRDs go to. */
import { join } from 'node:path';
import { annotations } from '../../../provisioner/api/labels.ts';
import { releaseNamespace, type Manifest } from '../../render/upstream/helm-text.ts';
import { certificateSecret, providerLabels, serviceName, type Provider } from './providers.ts';
import { manifests } from '../../render/upstream/yaml-files.ts';

interface Webhook {
  clientConfig: { service: { path: string; port?: number } };
  [field: string]: unknown;
}

export async function providerWebhooks(provider: Provider, folder: string): Promise<Manifest[]> {
  const found = await manifests(join(folder, 'config/webhook/manifests.yaml'));
  return [webhookService(provider), ...found.map((manifest) => chartWebhook(manifest, provider))];
}

function webhookService(provider: Provider): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceName(provider),
      namespace: releaseNamespace,
      labels: providerLabels(provider),
      annotations: { [annotations.servingCertSecret]: certificateSecret(provider) },
    },
    spec: { ports: [{ name: 'webhook', port: 443, targetPort: 'webhook-server' }], selector: providerLabels(provider) },
  };
}

function chartWebhook(manifest: Manifest, provider: Provider): Manifest {
  const webhooks = manifest['webhooks'] as Webhook[];
  return {
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata: {
      name: `${provider.prefix}${manifest.metadata.name}`,
      labels: providerLabels(provider),
      annotations: { [annotations.injectCaFrom]: `${releaseNamespace}/${certificateSecret(provider)}` },
    },
    webhooks: webhooks.map(({ clientConfig, ...webhook }) => ({
      ...webhook,
      clientConfig: { service: { ...clientConfig.service, namespace: releaseNamespace, name: serviceName(provider) } },
    })),
  };
}
