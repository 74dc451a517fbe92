/** CRDs with what kustomize adds upstream: contract labels, conversion webhooks, and where their CA comes from. */
import { join } from 'node:path';
import { annotations } from '../../../provisioner/api/labels.ts';
import { withoutDescriptions, type Version } from '../../render/upstream/descriptions.ts';
import { releaseNamespace, type Manifest } from '../../render/upstream/helm-text.ts';
import { certificateSecret, providerLabels, serviceName, type Provider } from './providers.ts';
import { folderManifests, manifests } from '../../render/upstream/yaml-files.ts';

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
