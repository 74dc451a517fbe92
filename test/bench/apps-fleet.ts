/**
 * A fleet that is installed already: Clusters, kubeconfigs, Apps, Helm's records and what they made, in one API server. One
 * cluster is made through the API; the others are its copies with names, uids, records and digests of their own.
 */
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { appDefinition } from '../../provisioner/api/app.ts';
import { catalogDefinition } from '../../provisioner/api/catalog.ts';
import { type KubeObject, type Resource, resources, timestamp } from '../../provisioner/kube/index.ts';
import type { AppObject } from '../../provisioner/operators/app/app-object.ts';
import { type Chart, findShipped, releaseDigest } from '../../provisioner/operators/app/chart.ts';
import type { ApiServer } from '../fixtures/api-server.ts';
import { openBox } from '../provisioner/operators/fleet.ts';
import { eventually } from '../provisioner/operators/surroundings.ts';
import { EtcdWriter } from './etcd-copies.ts';

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

/** @throws Error where the API server does not serve as many objects as there should be */
export async function installFleet(api: ApiServer, chartsDir: string, size: FleetSize): Promise<void> {
  const boxes = [['cluster.x-k8s.io', 'v1beta2', 'Cluster', 'clusters'], ['infrastructure.cluster.x-k8s.io', 'v1beta1', 'OpenStackCluster', 'openstackclusters']] as const;
  const kinds = [appDefinition(), catalogDefinition(), ...boxes.map(([group, version, kind, plural]) => openBox({ group, version, kind, plural }))];
  for (const kind of kinds) await api.client.create(resources.customResourceDefinitions, kind as unknown as KubeObject);
  await eventually(() => api.client.list(resources.apps).then(() => api.client.list(resources.clusters)));
  const chart = await findShipped(chartsDir, { chart: chartName });
  await installCluster(api, chart, size);
  await copyCluster(api, chart, size);
  await eventually(async () => (await api.client.list(resources.apps, { limit: 0, resourceVersion: '0' })).items.length === size.clusters * size.appsEach, 60_000);
}

const model = namespaceOf(0);

async function installCluster(api: ApiServer, chart: Chart, size: FleetSize): Promise<void> {
  const { client } = api;
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: model } });
  // Of nobody's class, and cared for: no other controller has work with it.
  await client.create(resources.clusters, { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'c', namespace: model, labels: { 'keelson.dev/managed': 'true' } }, spec: {} });
  await client.patch(resources.clusters, { namespace: model, name: 'c' }, { type: 'merge', subresource: 'status', body: { status: { initialization: { controlPlaneInitialized: true } } } });
  await client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'cluster.x-k8s.io/secret', metadata: { name: 'c-kubeconfig', namespace: model }, stringData: { value: api.kubeconfig } });
  for (let a = 0; a < size.appsEach; a++) await installApp(api, chart, `app-${a}`, size);
}

async function installApp({ client }: ApiServer, chart: Chart, name: string, size: FleetSize): Promise<void> {
  const namespace = model;
  const metadata = { name, namespace, labels: { 'app.kubernetes.io/managed-by': 'Helm' }, annotations: { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace } };
  const spec = { replicas: 1, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'x', image: 'a.test/one' }] } } };
  await client.apply(resources.deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }, { fieldManager: 'helm', force: true });
  await client.patch(resources.deployments, { namespace, name }, { type: 'merge', subresource: 'status', body: { status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 } } });
  await client.create(resources.secrets, {
    apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1', metadata: { name: `sh.helm.release.v1.${name}.v1`, namespace, labels: { owner: 'helm', name, status: 'deployed', version: '1' } },
    data: { release: recordOf(namespace, name) },
  });
  const app: KubeObject = { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace, finalizers: ['keelson.dev/app'] }, spec: { cluster: 'c', chart: chartName, namespace, values: { image: 'one' } } };
  await client.create(resources.apps, app);
  await client.patch(resources.apps, { namespace, name }, { type: 'merge', subresource: 'status', body: { status: statusOf(chart, { namespace, name }, size) } });
}

async function copyCluster(api: ApiServer, chart: Chart, size: FleetSize): Promise<void> {
  const { client } = api;
  const etcd = new EtcdWriter(api.etcdUrl);
  const models: (readonly [Resource, KubeObject])[] = [[resources.namespaces, (await client.get(resources.namespaces, { name: model }))!]];
  for (const resource of [resources.clusters, resources.secrets, resources.deployments, resources.apps]) {
    for (const item of (await client.list(resource, { namespace: model })).items) models.push([resource, item]);
  }
  for (let i = 1; i < size.clusters; i++) {
    const namespace = namespaceOf(i);
    for (const [resource, object] of models) await etcd.put(resource, copyOf(object, { namespace, chart, size }));
  }
  await etcd.flush();
}

/** What is different in another namespace: names, uids, and what was made of them. */
function copyOf(object: KubeObject, o: { readonly namespace: string; readonly chart: Chart; readonly size: FleetSize }): KubeObject {
  const { namespace } = o;
  const copy = JSON.parse(JSON.stringify(object).replaceAll(`"${model}"`, `"${namespace}"`)) as KubeObject;
  copy.metadata.uid = randomUUID();
  const { name } = copy.metadata;
  if (copy.kind === 'App') (copy as AppObject).status = statusOf(o.chart, { namespace, name }, o.size);
  if (copy['type'] === 'helm.sh/release.v1') copy['data'] = { release: recordOf(namespace, copy.metadata.labels?.['name'] ?? '') };
  return copy;
}

/** Helm's record as it stands in the Secret: gzipped JSON in base64, and that once more. */
function recordOf(namespace: string, name: string): string {
  const manifest = template.replaceAll('"{{ .Release.Name }}"', name).replace('{{ .Values.image }}', 'one');
  const record = { name, namespace, version: 1, manifest, info: { status: 'deployed', description: 'Install complete', last_deployed: timestamp(new Date()) } };
  return Buffer.from(gzipSync(JSON.stringify(record)).toString('base64')).toString('base64');
}

function statusOf(chart: Chart, { namespace, name }: { readonly namespace: string; readonly name: string }, { driftIntervalMs }: FleetSize): NonNullable<AppObject['status']> {
  const release = { name, namespace, chart: chartName, version: chart.version, revision: 1, digest: releaseDigest(chart, { release: name, namespace, values: { image: 'one' } }) };
  const now = new Date();
  const at = { lastTransitionTime: timestamp(now), observedGeneration: 1 };
  const checkedAt = timestamp(new Date(now.getTime() - Math.random() * driftIntervalMs));
  return {
    observedGeneration: 1, release, lastGood: release, drift: { checkedAt, total: 0, fields: [] },
    conditions: [{ type: 'Ready', status: 'True', reason: 'Installed', message: 'installed and healthy', ...at }, { type: 'Drifted', status: 'False', reason: 'InSync', message: 'as the release has it', ...at }],
  };
}
