/** A fleet that is installed already: Clusters, kubeconfigs, Apps, Helm's records and what they made, written straight into one API server. */
import { gzipSync } from 'node:zlib';
import { appDefinition } from '../../provisioner/api/app.ts';
import { catalogDefinition } from '../../provisioner/api/catalog.ts';
import { type KubeObject, resources, timestamp } from '../../provisioner/kube/index.ts';
import { findShipped, releaseDigest } from '../../provisioner/operators/app/chart.ts';
import type { ApiServer } from '../fixtures/api-server.ts';
import { openBox } from '../provisioner/operators/fleet.ts';
import { eventually } from '../provisioner/operators/surroundings.ts';

export interface FleetSize {
  readonly clusters: number;
  readonly appsEach: number;
  readonly driftIntervalMs: number;
}

export const chartName = 'bench';
/** What stands for a component: one Deployment. */
export const template = `apiVersion: apps/v1
kind: Deployment
metadata: {name: "{{ .Release.Name }}"}
spec:
  replicas: 1
  selector: {matchLabels: {app: "{{ .Release.Name }}"}}
  template:
    metadata: {labels: {app: "{{ .Release.Name }}"}}
    spec: {containers: [{name: x, image: "a.test/{{ .Values.image }}"}]}
`;

export const namespaceOf = (cluster: number): string => `c${String(cluster).padStart(4, '0')}`;

export async function installFleet(api: ApiServer, chartsDir: string, size: FleetSize): Promise<void> {
  const boxes = [['cluster.x-k8s.io', 'v1beta2', 'Cluster', 'clusters'], ['infrastructure.cluster.x-k8s.io', 'v1beta1', 'OpenStackCluster', 'openstackclusters']] as const;
  const kinds = [appDefinition(), catalogDefinition(), ...boxes.map(([group, version, kind, plural]) => openBox({ group, version, kind, plural }))];
  for (const kind of kinds) await api.client.create(resources.customResourceDefinitions, kind as unknown as KubeObject);
  await eventually(() => api.client.list(resources.apps).then(() => api.client.list(resources.clusters)));
  const chart = await findShipped(chartsDir, { chart: chartName });
  await inParallel(size.clusters, 12, (i) => installCluster(api, chart, i, size));
}

async function installCluster(api: ApiServer, chart: Awaited<ReturnType<typeof findShipped>>, i: number, size: FleetSize): Promise<void> {
  const namespace = namespaceOf(i);
  const { client } = api;
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  // Of nobody's class, and cared for: no other controller has work with it.
  await client.create(resources.clusters, { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'c', namespace, labels: { 'keelson.dev/managed': 'true' } }, spec: {} });
  await client.patch(resources.clusters, { namespace, name: 'c' }, { type: 'merge', subresource: 'status', body: { status: { initialization: { controlPlaneInitialized: true } } } });
  await client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'cluster.x-k8s.io/secret', metadata: { name: 'c-kubeconfig', namespace }, stringData: { value: api.kubeconfig } });
  for (let a = 0; a < size.appsEach; a++) await installApp(api, chart, { namespace, name: `app-${a}`, driftIntervalMs: size.driftIntervalMs });
}

async function installApp({ client }: ApiServer, chart: Awaited<ReturnType<typeof findShipped>>, o: { readonly namespace: string; readonly name: string; readonly driftIntervalMs: number }): Promise<void> {
  const { namespace, name } = o;
  const manifest = template.replaceAll('"{{ .Release.Name }}"', name).replace('{{ .Values.image }}', 'one');
  const metadata = { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace } };
  const spec = { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'x', image: 'a.test/one' }] } } };
  await client.apply(resources.deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }, { fieldManager: 'helm', force: true });
  await client.patch(resources.deployments, { namespace, name }, { type: 'merge', subresource: 'status', body: { status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 } } });
  const record = { name, namespace, version: 1, manifest, info: { status: 'deployed', description: 'Install complete', last_deployed: timestamp(new Date()) } };
  await client.create(resources.secrets, {
    apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1', metadata: { name: `sh.helm.release.v1.${name}.v1`, namespace, labels: { owner: 'helm', name, status: 'deployed', version: '1' } },
    stringData: { release: gzipSync(JSON.stringify(record)).toString('base64') },
  });
  const app: KubeObject = { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace, finalizers: ['keelson.dev/app'] }, spec: { cluster: 'c', chart: chartName, namespace, values: { image: 'one' } } };
  await client.create(resources.apps, app);
  const release = { name, namespace, chart: chartName, version: chart.version, revision: 1, digest: releaseDigest(chart, { release: name, namespace, values: { image: 'one' } }) };
  const now = new Date();
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Installed', message: 'installed and healthy', lastTransitionTime: timestamp(now), observedGeneration: 1 }, { type: 'Drifted', status: 'False', reason: 'InSync', message: 'as the release has it', lastTransitionTime: timestamp(now) }];
  const checkedAt = timestamp(new Date(now.getTime() - Math.random() * o.driftIntervalMs));
  await client.patch(resources.apps, { namespace, name }, { type: 'merge', subresource: 'status', body: { status: { observedGeneration: 1, release, lastGood: release, drift: { checkedAt, total: 0, fields: [] }, conditions } } });
}

export async function inParallel(count: number, width: number, run: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < count) await run(next++);
  }));
}
