/**
 * The rest of the fleet: copies of the model, written into etcd below the API server. Each has names, uids and digests of its
 * own, and Helm's records are those that Helm wrote for the model with its namespace exchanged. Helm itself then says of some
 * of them that they are deployed.
 */
import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type KubeObject, type Resource, resources, timestamp } from '../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../provisioner/operators/app/app-object.ts';
import { type Chart, findShipped, releaseDigest } from '../../../provisioner/operators/app/chart.ts';
import { dueInMs } from '../../../provisioner/operators/app/drift/schedule.ts';
import type { ApiServer } from '../../fixtures/api-server.ts';
import { helm } from '../../fixtures/helm.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';
import { EtcdWriter } from '../etcd-copies.ts';
import { chartName, model, namespaceOf } from './model.ts';

export interface FleetSize {
  readonly clusters: number;
  readonly appsEach: number;
  readonly driftIntervalMs: number;
}

/** @throws Error where the API server does not serve as many Apps as there should be, or Helm sees something else than the model's releases */
export async function copyModel(api: ApiServer, folder: string, size: FleetSize): Promise<void> {
  const { client } = api;
  const chart = await findShipped(folder, { chart: chartName });
  const etcd = new EtcdWriter(api.etcdUrl);
  const models: (readonly [Resource, KubeObject])[] = [[resources.namespaces, (await client.get(resources.namespaces, { name: model }))!]];
  for (const resource of [resources.clusters, resources.secrets, resources.deployments, resources.apps]) {
    for (const item of (await client.list(resource, { namespace: model })).items) models.push([resource, item]);
  }
  for (let i = 0; i < size.clusters; i++) {
    // The model itself too: what its Apps say of drift is then spread in time as everybody's.
    for (const [resource, object] of i === 0 ? models.filter(([{ plural }]) => plural === 'apps') : models) await etcd.put(resource, copyOf(object, { namespace: namespaceOf(i), chart, size }));
  }
  await etcd.flush();
  await eventually(async () => (await client.list(resources.apps)).items.length === size.clusters * size.appsEach, 120_000);
  for (const share of [0.3, 0.6, 1]) await seenByHelm(folder, Math.ceil((size.clusters - 1) * share), size.appsEach);
}

function copyOf(object: KubeObject, o: { readonly namespace: string; readonly chart: Chart; readonly size: FleetSize }): KubeObject {
  const copy = JSON.parse(moved(JSON.stringify(object), o.namespace)) as KubeObject & { data?: { release: string } };
  if (o.namespace !== model) copy.metadata.uid = randomUUID();
  if (copy.kind === 'App') sayInstalled(copy as AppObject, o);
  if (copy['type'] === 'helm.sh/release.v1' && copy.data) copy.data.release = recordIn(copy.data.release, o.namespace);
  return copy;
}

const moved = (json: string, namespace: string): string => json.replaceAll(`"${model}"`, `"${namespace}"`);

/** A record is gzipped JSON in base64, and Kubernetes' base64 around it. */
function recordIn(release: string, namespace: string): string {
  const json = gunzipSync(Buffer.from(Buffer.from(release, 'base64').toString(), 'base64')).toString();
  return Buffer.from(gzipSync(moved(json, namespace)).toString('base64')).toString('base64');
}

/** What the status says of this namespace, compared at some time in the last interval. */
function sayInstalled(app: AppObject, { namespace, chart, size: { driftIntervalMs } }: { readonly namespace: string; readonly chart: Chart; readonly size: FleetSize }): void {
  const { status, spec, metadata: { name } } = app;
  if (!status?.release) throw new Error(`the model's ${name} is not installed`);
  const release = { ...status.release, digest: releaseDigest(chart, { release: name, namespace, values: spec.values }) };
  if (namespace === model && release.digest !== status.release.digest) throw new Error(`the operator says ${status.release.digest} of ${name}, the bench ${release.digest}`);
  const now = new Date();
  const drift = (checkedAt: Date): NonNullable<typeof status.drift> => ({ checkedAt: timestamp(checkedAt), total: 0, fields: [] });
  app.status = { ...status, release, lastGood: release, drift: drift(now) };
  const periodMs = dueInMs(app, { now, intervalMs: driftIntervalMs });
  app.status.drift = drift(new Date(now.getTime() - Math.random() * periodMs));
  const ready = status.conditions?.[0];
  if (ready) app.status.conditions = [ready, { ...ready, type: 'Drifted', status: 'False', reason: 'InSync', message: 'as the release has it' }];
}

async function seenByHelm(folder: string, cluster: number, appsEach: number): Promise<void> {
  const namespace = namespaceOf(cluster);
  const stdout = await helm(['list', `--namespace=${namespace}`, `--kubeconfig=${folder}/kubeconfig`, '--max=0', '--output=json'], { HOME: folder });
  const releases = JSON.parse(stdout) as { namespace: string; status: string; chart: string }[];
  const good = releases.filter((one) => one.namespace === namespace && one.status === 'deployed' && one.chart === `${chartName}-0.1.0`);
  if (good.length !== appsEach || releases.length !== appsEach) throw new Error(`Helm sees in ${namespace}: ${stdout}`);
}
