/** The images of a bundle, found by rendering its charts as clusters of every kind get them. */
import type { Values } from '../../../helm/index.ts';
import type { ClusterBundleSpec, ClusterKind } from '../../../api/cluster-bundle.ts';
import type { BundleFacts } from '../../../api/bundle-facts.ts';
import type { Cluster } from '../../../operators/cluster.ts';
import { wantedApps } from '../../../operators/cluster-apps/bundle.ts';
import { bundleFactsOf } from '../../../operators/cluster-apps/facts.ts';
import { clusterTarget, managementTarget, type Target } from '../../../operators/cluster-apps/target.ts';
import { imageReferences } from './references.ts';

export interface ListedImage {
  readonly image: string;
  readonly digest?: string;
  /** Apps that use it, sorted. */
  readonly apps: readonly string[];
}

export interface BundleImagesInput {
  readonly bundle: ClusterBundleSpec;
  /** Chart values per app, as the fleet has them: they may name other images. */
  readonly values: Readonly<Record<string, Values>>;
  readonly render: (app: { readonly chart: string; readonly release: string; readonly namespace: string; readonly values: Values; readonly kubeVersion: string }) => Promise<string>;
}

/** Each image once, sorted by name. */
export async function bundleImages({ bundle, values, render }: BundleImagesInput): Promise<ListedImage[]> {
  const images = new ImageTable();
  for (const kubernetes of minorsOf(bundle)) {
    for (const target of targets) {
      const { apps } = wantedApps({ target, bundle, kubernetes, facts: factsOf(target, kubernetes), leftOut: {}, overrides: [values] });
      for (const { spec: { chart, namespace, releaseName = '', values: own } } of apps) {
        const key = JSON.stringify([chart, own]);
        if (images.has(key)) continue;
        images.add(key, releaseName, imageReferences(await render({ chart, release: releaseName, namespace, values: own, kubeVersion: `${kubernetes}.0` })));
      }
    }
  }
  return images.list();
}

/** Images by name and digest, with who uses them. */
export class ImageTable {
  readonly #images = new Map<string, { readonly image: string; readonly digest?: string; readonly apps: Set<string> }>();
  readonly #seen = new Set<string>();

  has(key: string): boolean {
    return this.#seen.has(key);
  }

  add(key: string, app: string, references: ReturnType<typeof imageReferences>): void {
    this.#seen.add(key);
    for (const reference of references) {
      const name = `${reference.image}@${reference.digest ?? ''}`;
      const known = this.#images.get(name) ?? { ...reference, apps: new Set<string>() };
      known.apps.add(app);
      this.#images.set(name, known);
    }
  }

  list(): ListedImage[] {
    return [...this.#images.values()].map((one) => ({ ...one, apps: [...one.apps].sort() })).sort((a, b) => (a.image < b.image ? -1 : 1));
  }
}

/** A cluster with everything that a bundle may ask for; what its facts are changes no image. */
const cluster = (className: string): Cluster => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'example', namespace: 'org-example', uid: '00000000-0000-4000-8000-000000000000' },
  spec: {
    clusterNetwork: { pods: { cidrBlocks: ['10.120.0.0/16'] }, services: { cidrBlocks: ['10.121.0.0/16'] } }, controlPlaneEndpoint: { host: 'api.example', port: 6443 },
    infrastructureRef: { kind: 'OpenStackCluster', name: 'example' }, topology: { classRef: { name: className } },
  },
});
const targets: readonly Target[] = [clusterTarget(cluster('openstack-v1')), clusterTarget(cluster('another')), managementTarget('keelson-system', { without: {} })];
const id = '00000000-0000-4000-8000-000000000000';
const cloud = { facts: { routerId: id, networkId: id, subnetId: id, floatingNetworkId: id, identity: { secret: 'cloud', cloudName: 'openstack' } }, configChecksum: 'none' };

function factsOf(target: Target, kubernetes: string): BundleFacts {
  const isOurs: boolean = target.kind === ('ours' satisfies ClusterKind);
  return bundleFactsOf({ target, kubernetes, ...(isOurs ? { cloud } : {}) });
}

function minorsOf({ kubernetes: { min, max } }: ClusterBundleSpec): string[] {
  const [from = 0, to = 0] = [min, max].map((text) => Number(text.split('.')[1]));
  return Array.from({ length: to - from + 1 }, (_, i) => `1.${from + i}`);
}
