/** The kinds and the rights of the snapshot controller from its own modules; the network policy from its contract. */
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RenderContext } from '../render/chart-module.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';
import { block, helmText, type Manifest, releaseNamespace } from '../render/upstream/helm-text.ts';
import { moduleFolder } from '../render/upstream/modules.ts';
import { folderManifests, manifests } from '../render/upstream/yaml-files.ts';

/** Snapshots of several volumes at once are behind a feature gate, and Cinder has none. */
const groups = 'groupsnapshot.storage.k8s.io';

/** @throws Error when a module cannot be had */
export async function derived({ env }: RenderContext): Promise<Record<string, string>> {
  const definitions = join(await moduleFolder('github.com/kubernetes-csi/external-snapshotter/client/v8', env), 'config/crd');
  const crds = await folderManifests(definitions, (name) => !name.startsWith(groups));
  const deployed = join(await moduleFolder('github.com/kubernetes-csi/external-snapshotter/v8', env), 'deploy/kubernetes/snapshot-controller');
  const rights = await manifests(join(deployed, 'rbac-snapshot-controller.yaml'));
  return {
    ...Object.fromEntries(crds.map((crd) => [`crds/${crd.metadata.name}.yaml`, stringify(crd, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })])),
    'templates/rbac.yaml': helmText(rights.map(ofRelease)),
    'templates/network-policies.yaml': chartNetworkPolicies({ cluster: 'workload', components: { 'snapshot-controller': true }, labels: 'include "snapshot-controller.labels" . | fromYaml' }),
  };
}

interface Rbac extends Manifest {
  readonly rules?: readonly { readonly apiGroups: readonly string[] }[];
  readonly subjects?: readonly object[];
}

function ofRelease(manifest: Manifest): Manifest {
  const { metadata, rules, subjects, ...rest } = manifest as Rbac;
  return {
    ...rest,
    metadata: { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: releaseNamespace }), labels: block('(include "snapshot-controller.labels" . | fromYaml)', 4) as unknown as Record<string, string> },
    ...(rules === undefined ? {} : { rules: rules.filter(({ apiGroups }) => !apiGroups.includes(groups)) }),
    ...(subjects === undefined ? {} : { subjects: subjects.map((subject) => ({ ...subject, namespace: releaseNamespace })) }),
  };
}
