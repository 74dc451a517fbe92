/** The Apps a cluster should have, as a pure function. */
import { labels } from '../../api/labels.ts';
import { apiVersion, appName, clusterTag } from '../../api/names.ts';
import { mergeValues, type Values } from '../../helm/index.ts';
import type { AppObject } from '../app/app-object.ts';
import type { Cluster } from '../cluster.ts';
import type { CloudFacts } from './cloud-facts.ts';
import { type Component, type ComponentCluster, components } from './components.ts';

export interface BundleInput {
  readonly cluster: Cluster;
  /** undefined: the cloud is not there yet, or not ours to know. */
  readonly cloud?: { readonly facts: CloudFacts; readonly configChecksum: string } | undefined;
  /** Chart values per component, merged last. */
  readonly overrides: Readonly<Record<string, Values>>;
}

/** Only fields we own. Owned by the Cluster, so that they go with it. */
export function bundle({ cluster, cloud, overrides }: BundleInput): AppObject[] {
  const about: ComponentCluster = {
    name: cluster.metadata.name,
    namespace: cluster.metadata.namespace ?? '',
    ownershipTag: clusterTag(cluster.metadata),
    podCidrs: cluster.spec?.clusterNetwork?.pods?.cidrBlocks ?? [],
    ...(cloud ? { cloud } : {}),
  };
  const wanted = components.filter((component) => !component.needsCloud || cloud || expectsCloud(cluster));
  const names = new Set(wanted.map((component) => component.name));
  return wanted
    .filter((component) => !component.needsCloud || cloud)
    .map((component) => app(component, { cluster, about, names, overrides }));
}

/** A cluster on OpenStack whose network is still being made gets its cloud controller later; what depends on it waits for it. */
export function expectsCloud(cluster: Cluster): boolean {
  return cluster.spec?.infrastructureRef?.kind === 'OpenStackCluster';
}

interface AppInput {
  readonly cluster: Cluster;
  readonly about: ComponentCluster;
  readonly names: ReadonlySet<string>;
  readonly overrides: Readonly<Record<string, Values>>;
}

function app(component: Component, { cluster, about, names, overrides }: AppInput): AppObject {
  const { name, namespace, dependsOn } = component;
  const { uid } = cluster.metadata;
  return {
    apiVersion,
    kind: 'App',
    metadata: {
      name: appName(about.name, name),
      namespace: about.namespace,
      labels: { [labels.clusterName]: about.name, [labels.component]: name, [labels.managedBy]: 'keelson' },
      ...(uid === undefined ? {} : { ownerReferences: [{ apiVersion: cluster.apiVersion, kind: cluster.kind, name: about.name, uid }] }),
    },
    spec: {
      cluster: about.name,
      chart: name,
      namespace,
      releaseName: name,
      values: mergeValues(component.values?.(about) ?? {}, overrides[name] ?? {}),
      dependsOn: dependsOn.filter((other) => names.has(other)).map((other) => appName(about.name, other)),
    },
  };
}
