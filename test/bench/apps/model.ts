/** One cluster of the fleet: an object that says it is there, a kubeconfig, and Apps that the operator installs with the real Helm. */
import { accessBindingDefinition } from '../../../provisioner/api/access-binding.ts';
import { clusterAccessDefinition } from '../../../provisioner/api/cluster-access.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../provisioner/operators/app/app-object.ts';
import { isReadyNow } from '../../../provisioner/operators/app/gate.ts';
import type { ApiServer } from '../../fixtures/api-server.ts';
import { writeChart } from '../../provisioner/helm/charts.ts';
import { installKinds } from '../../provisioner/operators/fleet.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';
import { BenchOperator } from './operator.ts';

export const chartName = 'bench';
/** What stands for a component: one Deployment. */
const template = `apiVersion: apps/v1
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
export const model = namespaceOf(0);
export const appNamed = (index: number): string => `app-${index}`;

/** @throws Error where the operator does not bring it about within two minutes */
export async function installModel(api: ApiServer, folder: string, appsEach: number): Promise<void> {
  await writeChart(folder, chartName, { 'a.yaml': template }, { 'values.yaml': 'image: one\n' });
  await installKinds(api);
  const { client } = api;
  // Kinds that stay away would be asked for again and again.
  for (const kind of [clusterAccessDefinition(), accessBindingDefinition()]) await client.create(resources.customResourceDefinitions, kind as unknown as KubeObject);
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: model } });
  // Of nobody's class, and cared for: no controller of our class has work with it.
  await client.create(resources.clusters, { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name: 'c', namespace: model, labels: { 'keelson.dev/managed': 'true' } }, spec: {} });
  await client.patch(resources.clusters, { namespace: model, name: 'c' }, { type: 'merge', subresource: 'status', body: { status: { initialization: { controlPlaneInitialized: true } } } });
  await client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'cluster.x-k8s.io/secret', metadata: { name: 'c-kubeconfig', namespace: model }, stringData: { value: api.kubeconfig } });
  for (let i = 0; i < appsEach; i++) await client.create(resources.apps, appObject(i));
  const operator = new BenchOperator(folder, 4);
  try {
    await eventually(async () => (await client.list<AppObject>(resources.apps)).items.every(isReadyNow), 120_000);
  } finally {
    await operator.stop();
  }
}

/** As a bundle's: after one another, brought back where somebody changes what they made. */
function appObject(index: number): KubeObject {
  const metadata = { name: appNamed(index), namespace: model, labels: { 'cluster.x-k8s.io/cluster-name': 'c', 'keelson.dev/component': appNamed(index), 'keelson.dev/bundle': '1.0.0', 'app.kubernetes.io/managed-by': 'keelson' } };
  const dependsOn = index === 0 ? [] : [appNamed(Math.floor((index - 1) / 4))];
  return { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata, spec: { cluster: 'c', chart: chartName, namespace: model, values: { image: 'one' }, dependsOn, drift: { correct: true } } };
}
