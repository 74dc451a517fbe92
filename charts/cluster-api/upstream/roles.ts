/** ServiceAccount, roles and bindings of a manager, with prefix and namespace as kustomize would set them. */
import { join } from 'node:path';
import { releaseNamespace, type Manifest } from '../../render/upstream/helm-text.ts';
import { providerLabels, type Provider } from './providers.ts';
import { folderManifests, manifests } from '../../render/upstream/yaml-files.ts';

interface Named {
  name: string;
  namespace?: string;
}

/** In the order of upstream's kustomization; helper roles for people (editor, viewer) are not among them. */
export async function providerRoles(provider: Provider, folder: string): Promise<Manifest[]> {
  const [kustomization] = await manifests(join(folder, 'config/rbac/kustomization.yaml'));
  const listed = new Set((kustomization?.['resources'] ?? []) as string[]);
  const found = await folderManifests(join(folder, 'config/rbac'), (name) => listed.has(name));
  return found.map((manifest) => chartRole(manifest, provider));
}

function chartRole(manifest: Manifest, provider: Provider): Manifest {
  const name = (plain: string): string => `${provider.prefix}${plain}`;
  const isManagerRole = manifest.kind === 'ClusterRole' && manifest.metadata.name === 'manager-role';
  const isManagerBinding = manifest.kind === 'ClusterRoleBinding' && manifest.metadata.name === 'manager-rolebinding';
  const isNamespaced = !manifest.kind.startsWith('Cluster');
  const { apiVersion, kind, metadata, roleRef, subjects, ...rest } = manifest as Manifest & { roleRef?: Named; subjects?: Named[] };
  return {
    apiVersion,
    kind,
    metadata: {
      name: name(metadata.name),
      ...(isNamespaced ? { namespace: releaseNamespace } : {}),
      labels: { ...providerLabels(provider), ...(isManagerRole && provider.aggregationLabel ? { [provider.aggregationLabel]: 'true' } : {}) },
    },
    ...(roleRef ? { roleRef: { ...roleRef, name: name(isManagerBinding && provider.aggregationLabel ? 'aggregated-manager-role' : roleRef.name) } } : {}),
    ...(subjects ? { subjects: subjects.map((subject) => ({ ...subject, name: name(subject.name), namespace: releaseNamespace })) } : {}),
    ...rest,
  };
}
