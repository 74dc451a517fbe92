/**
 * Charts of others as Apps, from a Helm repository and an OCI registry, into a real API server: installed, upgraded, removed.
 * Nothing runs pods here, so that no App becomes Ready; hooks, which are Jobs, are told as done.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Values } from '../../../../provisioner/helm/index.ts';
import { type KubeClient, type KubeObject, type Resource, resources, sleep, systemClock } from '../../../../provisioner/kube/index.ts';
import { newestRecord } from '../../../../provisioner/operators/app/release-record.ts';
import { servedResource } from '../../../../provisioner/operators/served.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { bundledApps } from '../../../fixtures/bundled-apps.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { type PackagedChart, packagedUpstream, type UpstreamName, upstreamNames } from '../../../fixtures/upstream-charts.ts';
import { tempFolder } from '../../helm/charts.ts';
import { type HttpRepository, type OciRegistry, startHttpRepository, startRegistry } from '../../helm/repository/places.ts';
import { cluster, initialize, installKinds, namespace } from '../fleet.ts';
import { eventually, testContext } from '../surroundings.ts';
import { appsOf, type Running, startAppControllers } from './one-cluster.ts';

const ofBundle = (name: string): Values => bundledApps().find(({ spec }) => spec.chart === name)?.spec.values as Values;

interface Case {
  /** Kyverno's chart refuses kube-system. */
  readonly home?: string;
  readonly values: Values;
  /** For the upgrade, over the others; what it changes, and where. */
  readonly changed: Values;
  readonly shows: { readonly resource: Resource; readonly name: string; readonly text: string };
}

const cases: Readonly<Record<UpstreamName, Case>> = {
  cilium: { values: ofBundle('cilium'), changed: { operator: { replicas: 3 } }, shows: { resource: resources.deployments, name: 'cilium-operator', text: '"replicas":3' } },
  'metrics-server': { values: {}, changed: { replicas: 2 }, shows: { resource: resources.deployments, name: 'metrics-server', text: '"replicas":2' } },
  'openstack-cloud-controller-manager': { values: {}, changed: { podLabels: { changed: 'yes' } }, shows: { resource: resources.daemonSets, name: 'openstack-cloud-controller-manager', text: '"changed":"yes"' } },
  'openstack-cinder-csi': { values: ofBundle('openstack-cinder-csi'), changed: { csi: { plugin: { controllerPlugin: { replicas: 2 } } } }, shows: { resource: resources.deployments, name: 'openstack-cinder-csi-controllerplugin', text: '"replicas":2' } },
  kyverno: { home: 'kyverno', values: {}, changed: { admissionController: { replicas: 3 } }, shows: { resource: resources.deployments, name: 'kyverno-admission-controller', text: '"replicas":3' } },
};

describeWith({ tools: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'helm', 'registry'] }, 'upstream charts as Apps', () => {
  let api: ApiServer;
  let folder: string;
  let http: HttpRepository;
  let oci: OciRegistry;
  let running: Running;
  let apps: ReturnType<typeof appsOf>;
  const packaged = new Map<UpstreamName, PackagedChart>();
  const jobs = new AbortController();
  let jobsDone: Promise<void>;

  beforeAll(async () => {
    folder = await tempFolder();
    // Without its controller a namespace that a chart brings would never be gone.
    [api, http, oci] = await Promise.all([startApiServer({ controllers: ['namespace-controller'] }), startHttpRepository(), startRegistry()]);
    for (const name of upstreamNames) {
      const chart = await packagedUpstream(name, folder);
      packaged.set(name, chart);
      http.add({ name, ...chart });
      await oci.push(chart.path);
    }
    apps = appsOf(api);
    await installKinds(api);
    await api.client.create(resources.clusters, cluster('demo'));
    await initialize(api, 'demo', api.kubeconfig);
    const catalog = (name: string, url: string) => api.client.create(resources.catalogs, { apiVersion: 'keelson.dev/v1alpha1', kind: 'Catalog', metadata: { name, namespace }, spec: { repositories: [{ url }] } });
    await catalog('http', http.url);
    await catalog('oci', `oci://127.0.0.1:${oci.port}/team`);
    jobsDone = finishJobs(api.client, jobs.signal);
    running = startAppControllers(api, testContext(api.client), { charts: folder, kept: join(folder, 'kept') });
  }, 200_000);

  afterAll(async () => {
    jobs.abort();
    await jobsDone;
    await running?.stop();
    await Promise.all([http?.stop(), oci?.stop(), api?.stop()]);
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const revision = (name: string, wanted: number) => eventually(async () => {
    const app = await apps.get(name);
    if (app?.status?.release?.revision === wanted) return app;
    throw new Error(`${name}: ${JSON.stringify(app?.status?.conditions)}`);
  }, 60_000);

  /** What the release holds, as the cluster has it. */
  async function objectsOf(name: string, home: string): Promise<readonly (readonly [string, KubeObject | undefined])[]> {
    const record = await newestRecord(api.client, { release: name, namespace: home });
    return await Promise.all((record?.objects ?? []).map(async (object) => {
      const resource = await servedResource(api.client, object.apiVersion, object.kind);
      const ref = { namespace: resource?.namespaced ? (object.metadata.namespace ?? home) : undefined, name: object.metadata.name };
      return [`${object.kind} ${object.metadata.name}`, resource && await api.client.get(resource, ref)] as const;
    }));
  }

  describe.each(upstreamNames)('%s', (name) => {
    const { values, changed, shows, home = 'kube-system' } = cases[name];

    it('is installed from a Helm repository: the API server has every object', async () => {
      await apps.create(name, { cluster: 'demo', catalog: { name: 'http' }, chart: name, version: packaged.get(name)!.version, namespace: home, values });
      await revision(name, 1);
      const objects = await objectsOf(name, home);
      expect(objects.length).toBeGreaterThanOrEqual(5);
      expect(objects.filter(([, live]) => live === undefined)).toEqual([]);
    }, 120_000);

    it('is upgraded from an OCI registry', async () => {
      await apps.patch(name, { spec: { catalog: { name: 'oci' }, values: changed } });
      await revision(name, 2);
      expect(JSON.stringify(await api.client.get(shows.resource, { namespace: home, name: shows.name }))).toContain(shows.text);
    }, 120_000);

    it('is removed with all that it had made', async () => {
      const before = await objectsOf(name, home);
      await apps.remove(name);
      await eventually(async () => (await apps.get(name)) === undefined, 90_000);
      const left = await Promise.all(before.flatMap(([what, live]) => live === undefined || isKept(live) ? [] : [isThere(live).then((is) => (is ? what : undefined))]));
      expect(left.filter((one) => one !== undefined)).toEqual([]);
    }, 120_000);
  });

  const isKept = ({ metadata: { annotations } }: KubeObject): boolean => annotations?.['helm.sh/resource-policy'] === 'keep';
  async function isThere({ apiVersion, kind, metadata: { namespace: at, name } }: KubeObject): Promise<boolean> {
    const resource = await servedResource(api.client, apiVersion, kind);
    return resource !== undefined && (await api.client.get(resource, { namespace: at, name })) !== undefined;
  }

  it('cilium: a value that its schema refuses is told with its place, and nothing is run', async () => {
    await apps.create('wrong', { cluster: 'demo', catalog: { name: 'oci' }, chart: 'cilium', version: packaged.get('cilium')!.version, namespace: 'kube-system', values: { tunnelProtocol: ['vxlan'] } });
    const { message } = await apps.until('wrong', { reason: 'ValuesInvalid' });
    expect(message).toContain('tunnelProtocol: got array, want string, set in spec.values');
    await apps.remove('wrong');
    await apps.gone('wrong');
  }, 60_000);

  it('each archive was asked for once from either place', async () => {
    for (const name of upstreamNames) expect(http.requests.filter(({ path }) => path === `/${name}-${packaged.get(name)!.version}.tgz`)).toHaveLength(1);
    expect((await readFile(packaged.get('cilium')!.path)).length).toBeGreaterThan(100_000);
  });
});

/** Until the signal. */
async function finishJobs(client: KubeClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { items } = await client.list<KubeObject & { status?: { succeeded?: number } }>(resources.jobs);
    for (const { metadata: { namespace: at, name }, status } of items.filter((job) => job.status?.succeeded === undefined)) {
      const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const condition = (type: string) => ({ type, status: 'True', reason: 'Test', message: '', lastProbeTime: now, lastTransitionTime: now });
      const done = { ...status, startTime: now, completionTime: now, succeeded: 1, ready: 0, uncountedTerminatedPods: {}, conditions: [condition('SuccessCriteriaMet'), condition('Complete')] };
      // Helm may have taken it away meanwhile.
      await client.patch(resources.jobs, { namespace: at, name }, { type: 'merge', subresource: 'status', body: { status: done } }).catch(() => undefined);
    }
    await sleep(200, { clock: systemClock, signal }).catch(() => undefined);
  }
}
