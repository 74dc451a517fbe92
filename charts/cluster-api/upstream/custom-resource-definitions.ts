/** CRDs with what kustomize adds upstream: contract labels, conversion webhooks, and where their CA comes from. */
import { join } from 'node:path';
import { annotations } from '../../../provisioner/api/labels.ts';
import { releaseNamespace, type Manifest } from './helm-text.ts';
import { certificateSecret, providerLabels, serviceName, type Provider } from './providers.ts';
import { folderManifests, manifests } from './yaml-files.ts';

interface Version {
  name: string;
  served: boolean;
  storage: boolean;
  schema: { openAPIV3Schema: Record<string, unknown> };
}

export async function providerCrds(provider: Provider, folder: string): Promise<Manifest[]> {
  const labels = { ...(await contractLabels(folder)), ...providerLabels(provider) };
  const crds = await folderManifests(join(folder, 'config/crd/bases'));
  return crds.map((crd) => chartCrd(crd, { labels, provider }));
}

/** The CRD Image of the OpenStack resource controller: CAPO watches it and exits when it is missing. */
export async function imageCrd(orcFolder: string): Promise<Manifest[]> {
  const crds = await manifests(join(orcFolder, 'config/crd/bases/openstack.k-orc.cloud_images.yaml'));
  return crds.map((crd) => chartCrd(crd, { labels: { 'app.kubernetes.io/part-of': 'openstack-resource-controller' } }));
}

function chartCrd(crd: Manifest, o: { labels: Record<string, string>; provider?: Provider }): Manifest {
  const spec = crd['spec'] as { versions: Version[]; [field: string]: unknown };
  const converts = o.provider !== undefined && spec.versions.length > 1;
  return {
    apiVersion: crd.apiVersion,
    kind: crd.kind,
    metadata: {
      name: crd.metadata.name,
      // By the empty label `clusterctl move` knows which kinds to take along.
      labels: { ...o.labels, 'clusterctl.cluster.x-k8s.io': '' },
      annotations: {
        ...crd.metadata.annotations,
        'helm.sh/resource-policy': 'keep',
        ...(converts && o.provider ? { [annotations.injectCaFrom]: `${releaseNamespace}/${certificateSecret(o.provider)}` } : {}),
      },
    },
    spec: {
      ...spec,
      ...(converts && o.provider ? { conversion: conversion(o.provider) } : {}),
      versions: spec.versions.map((version) => (version.storage && !isTemplate(crd) ? version : withoutDescriptions(version))),
    },
  };
}

/** Templates repeat the text of the kind they make: `kubectl explain kubeadmconfig` says what `kubeadmconfigtemplate` would. */
const isTemplate = (crd: Manifest): boolean => /^[a-z]+templates\./.test(crd.metadata.name);

const conversion = (provider: Provider): object => ({
  strategy: 'Webhook',
  webhook: {
    conversionReviewVersions: ['v1'],
    clientConfig: { service: { namespace: releaseNamespace, name: serviceName(provider), path: '/convert' } },
  },
});

/**
 * Labels of the kustomization: they say which contract versions the kinds of a provider fulfil. Core resolves
 * references without a version through them.
 */
async function contractLabels(folder: string): Promise<Record<string, string>> {
  const [kustomization] = await manifests(join(folder, 'config/crd/kustomization.yaml'));
  const groups = (kustomization?.['labels'] ?? []) as { pairs: Record<string, string> }[];
  return Object.assign({}, ...groups.map(({ pairs }) => pairs)) as Record<string, string>;
}

/** A schema validates the same without its descriptions. Inside `properties`, "description" is a field's name. */
function withoutDescriptions(version: Version): Version {
  return { ...version, schema: { openAPIV3Schema: strip(version.schema.openAPIV3Schema) } };
}

/** A schema without its descriptions. */
export function strip(schema: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description' && typeof value === 'string') continue;
    if (key === 'properties') out[key] = Object.fromEntries(Object.entries(value as Record<string, Record<string, unknown>>).map(([name, property]) => [name, strip(property)]));
    else if (Array.isArray(value) && ['allOf', 'anyOf', 'oneOf'].includes(key)) out[key] = (value as Record<string, unknown>[]).map(strip);
    else if ((key === 'items' || key === 'additionalProperties' || key === 'not') && typeof value === 'object' && value !== null) out[key] = strip(value as Record<string, unknown>);
    else out[key] = value;
  }
  return out;
}
