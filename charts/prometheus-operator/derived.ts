/** The CRDs of prometheus-operator, without descriptions: with them a release would be larger than the Secret that holds it may be (1 MiB). */
import { join } from 'node:path';
import { stringify } from 'yaml';
import { withoutDescriptions, type Version } from '../render/upstream/descriptions.ts';
import type { Manifest } from '../render/upstream/helm-text.ts';
import { moduleFolder } from '../render/upstream/modules.ts';
import { folderManifests } from '../render/upstream/yaml-files.ts';
import type { RenderContext } from '../render/chart-module.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';

/** Kinds of agents and Thanos are left out: nothing of ours makes them, and the operator does without. */
const leftOut = ['prometheusagents', 'thanosrulers'];

/** One file per CRD, which the template crds.yaml takes and charts/addons has as its `crds`; and the network policy. @throws Error when the module cannot be had */
export async function derived({ env }: RenderContext): Promise<Record<string, string>> {
  const folder = join(await moduleFolder('github.com/prometheus-operator/prometheus-operator', env), 'example/prometheus-operator-crd');
  const crds = await folderManifests(folder, (name) => !leftOut.some((plural) => name.includes(`_${plural}.`)));
  return {
    ...Object.fromEntries(crds.map((crd) => [`definitions/${crd.metadata.name}.yaml`, stringify(chartCrd(crd), { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })])),
    'templates/network-policies.yaml': chartNetworkPolicies({ cluster: 'workload', components: { 'prometheus-operator': true }, labels: 'include "prometheus-operator.labels" . | fromYaml' }),
  };
}

function chartCrd(crd: Manifest): Manifest {
  const spec = crd['spec'] as { versions: Version[]; [field: string]: unknown };
  return {
    apiVersion: crd.apiVersion,
    kind: crd.kind,
    metadata: { name: crd.metadata.name, annotations: { ...crd.metadata.annotations, 'helm.sh/resource-policy': 'keep' } },
    spec: { ...spec, versions: spec.versions.map(withoutDescriptions) },
  };
}
