/** The charts of the bundle's own components: linted, rendered, and judged by the API server's validation and Pod Security admission. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { watchedComponents } from '../../monitoring/catalogue/components.ts';
import { Helm, type Values } from '../../provisioner/helm/index.ts';
import { type KubeObject, resources } from '../../provisioner/kube/index.ts';
import { upstreamCharts } from '../../charts/render/upstream/charts.ts';
import { checkFor } from '../../provisioner/operators/app/health.ts';
import { servedResource } from '../../provisioner/operators/served.ts';
import { type ApiServer, startApiServer } from '../fixtures/api-server.ts';
import { bundledApps, shippedChart } from '../fixtures/bundled-apps.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { openBox } from '../provisioner/operators/fleet.ts';
import { eventually } from '../provisioner/operators/surroundings.ts';

const charts = join(import.meta.dirname, '../../charts');
const helm = new Helm({ binary: join(toolsBin, 'helm') });
const apps = bundledApps();

const unschedulable = 'node.kubernetes.io/unschedulable';

const images: Readonly<Record<string, string>> = {
  'openstack-cloud-controller-manager': 'registry.k8s.io/provider-os/openstack-cloud-controller-manager:v1.36.0',
  'metrics-server': 'registry.k8s.io/metrics-server/metrics-server:v0.9.0',
  'snapshot-controller': 'registry.k8s.io/sig-storage/snapshot-controller:v8.7.0',
  'kube-state-metrics': 'registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.18.0',
  'node-exporter': 'quay.io/prometheus/node-exporter:v1.12.1',
};
/** Why a component's pods cannot meet the Pod Security Standard "restricted". */
const unrestricted: Readonly<Record<string, string>> = {
  'openstack-cloud-controller-manager': 'runs before the pod network does, so on the host network',
  'node-exporter': 'measures the machine: host network, host processes, root file system',
};

interface PodTemplate {
  readonly metadata: { readonly labels: Record<string, string> };
  readonly spec: { readonly containers: readonly { readonly image: string; readonly livenessProbe?: object; readonly resources?: { requests?: object; limits?: object } }[] };
}

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'charts of the components', () => {
  let api: ApiServer;
  const rendered: { readonly component: string; readonly workload: string }[] = [];

  beforeAll(async () => {
    api = await startApiServer();
    await create('keelson-system');
    await create('restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' });
    await api.client.create(resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'restricted' } });
    await api.client.create(resources.customResourceDefinitions, openBox({ group: 'monitoring.coreos.com', version: 'v1', kind: 'ServiceMonitor', plural: 'servicemonitors' }));
    await eventually(() => api.client.list(resources.serviceMonitors));
  }, 150_000);

  afterAll(() => api?.stop());

  async function create(name: string | undefined, labels = {}): Promise<void> {
    if (name !== undefined) await api.client.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }, { fieldManager: 'test' });
  }

  async function render(chart: string, values: Values, namespace: string): Promise<KubeObject[]> {
    const documents = parseAllDocuments(await helm.template({ release: chart, namespace, chart: await shippedChart(chart), values, kubeVersion: '1.36.3' }));
    const list = Array.isArray(documents) ? documents : [];
    expect(list.flatMap(({ errors }) => errors)).toEqual([]);
    return list.map((d) => d.toJS() as KubeObject).filter((o) => o !== null);
  }

  /** kubectl drain and Cluster API mark a node with this taint, then evict; only pods of a DaemonSet are left alone. */
  it('nothing that is evicted from a node goes back onto it while it is drained', async () => {
    const tolerant: string[] = [];
    for (const { metadata: { name }, spec: { chart, values, namespace } } of apps) {
      for (const { kind, metadata, spec } of await render(chart, values as Values, namespace)) {
        if (['Deployment', 'StatefulSet', 'DaemonSet', 'Prometheus', 'Alertmanager'].includes(kind)) rendered.push({ component: chart, workload: kind === 'Prometheus' || kind === 'Alertmanager' ? `${kind.toLowerCase()}-${metadata.name}` : metadata.name });
        if (kind !== 'Deployment' && kind !== 'StatefulSet') continue;
        const { tolerations = [] } = (spec as { template: { spec: { tolerations?: { key?: string; effect?: string }[] } } }).template.spec;
        if (tolerations.some(({ key = unschedulable, effect = 'NoSchedule' }) => key === unschedulable && effect === 'NoSchedule')) tolerant.push(`${name} ${kind}`);
      }
    }
    expect(tolerant).toEqual([]);
  }, 60_000);

  it('every workload that they make is in the table that alerts go by', () => {
    const unknown = rendered.filter(({ component, workload }) => !watchedComponents.find(({ name }) => name === component)?.workloads.includes(workload));
    expect(rendered.length).toBeGreaterThan(15);
    expect(unknown).toEqual([]);
  });

  for (const chart of Object.keys(images)) {
    const app = apps.find((a) => a.spec.chart === chart)!;
    const values = app.spec.values as Values;
    const { namespace } = app.spec;

    it(`${chart}: passes helm lint, alone and with the bundle's values`, async () => {
      await helm.lint({ chart: join(charts, chart), strict: true });
      await helm.lint({ chart: join(charts, chart), strict: true, values });
    });

    it(`${chart}: refuses a value it does not know`, async () => {
      await expect(helm.template({ release: chart, namespace, chart: join(charts, chart), values: { noSuchValue: 1 } })).rejects.toMatchObject({ code: 'HELM_VALUES_INVALID' });
    });

    it(`${chart}: every object is accepted by the API server`, async () => {
      const objects = await render(chart, values, namespace);
      expect(objects.length).toBeGreaterThan(2);
      for (const object of objects) {
        // What is of a kind that the chart brings needs the kind.
        if (object.kind === 'CustomResourceDefinition') await api.client.apply(resources.customResourceDefinitions, object, { fieldManager: 'helm' });
        const resource = await eventually(() => servedResource(api.client, object.apiVersion, object.kind), 10_000).catch(() => undefined);
        expect([object.kind, resource]).not.toContain(undefined);
        await api.client.apply(resource!, object, { fieldManager: 'helm', dryRun: true });
      }
    });

    it(`${chart}: needs no CRD of others by default`, async () => {
      expect((await render(chart, {}, namespace)).map((o) => o.apiVersion)).not.toContain('monitoring.coreos.com/v1');
    });

    it(`${chart}: pods have the pinned image, a liveness probe and resources, and run ${unrestricted[chart] ? 'as little privileged as can be' : 'restricted'}`, async () => {
      const objects = await render(chart, values, namespace);
      const templates = objects.filter(checkFor).flatMap((o) => (o['spec'] as { template?: PodTemplate }).template ?? []);
      expect(templates).toHaveLength(1);
      const [{ spec, metadata }] = templates as [PodTemplate];
      expect(spec.containers.map((c) => c.image)).toEqual([images[chart]]);
      for (const container of spec.containers) expect(container).toMatchObject({ livenessProbe: {}, resources: { requests: { cpu: expect.anything() as string, memory: expect.anything() as string }, limits: { memory: expect.anything() as string } } });

      const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe', namespace: 'restricted', labels: metadata.labels }, spec: { ...spec, serviceAccountName: 'default', priorityClassName: '' } };
      const verdict = api.client.create(resources.pods, pod, { dryRun: true });
      if (unrestricted[chart]) {
        const refusal = await verdict.then(() => '', (error: Error) => error.message);
        expect(refusal).toMatch(/violates PodSecurity/);
        expect(refusal).not.toMatch(/allowPrivilegeEscalation|unrestricted capabilities|runAsNonRoot|seccompProfile|privileged/);
      } else {
        await verdict;
      }
    });
  }

  it.each(apps.map((a) => [a.spec.chart, a] as const))('%s ships in the version of the bundle, and takes its values', async (chart, { spec: { version, values, namespace } }) => {
    const folder = await shippedChart(chart);
    expect((parse(await readFile(join(folder, 'Chart.yaml'), 'utf8')) as { version: string }).version).toBe(version);
    // A chart of others need not please the linter; it must render, and its schema is asked when it does.
    if (chart in upstreamCharts) await render(chart, values as Values, namespace);
    else await helm.lint({ chart: folder, values: values as Values });
  }, 30_000);

  /** What the sandbox leaves out is at least this: rendered with a cluster's values, and every object good enough for a real API server. */
  it.each(Object.keys(upstreamCharts))('%s: every object of the upstream chart is accepted by the API server', async (chart) => {
    const { values, namespace } = apps.find((a) => a.spec.chart === chart)!.spec;
    const objects = await render(chart, values as Values, namespace);
    expect(objects.filter(checkFor).length).toBeGreaterThan(1);
    for (const object of objects) {
      const resource = await servedResource(api.client, object.apiVersion, object.kind);
      expect([object.kind, resource]).not.toContain(undefined);
      await create(object.metadata.namespace);
      await api.client.apply(resource!, object, { fieldManager: 'helm', dryRun: true });
    }
  }, 60_000);

  it('cilium: refuses a value of the wrong kind', async () => {
    await expect(render('cilium', { tunnelProtocol: ['vxlan'] }, 'kube-system')).rejects.toMatchObject({ code: 'HELM_VALUES_INVALID' });
  }, 30_000);

  it('ServiceMonitors select the Services beside them, by a port that is there', async () => {
    for (const chart of ['metrics-server', 'kube-state-metrics', 'node-exporter']) {
      const objects = await render(chart, { serviceMonitor: { enabled: true } }, 'keelson-system');
      const service = objects.find((o) => o.kind === 'Service') as KubeObject & { spec: { ports: { name: string }[] } };
      const monitor = objects.find((o) => o.kind === 'ServiceMonitor') as KubeObject & { spec: { selector: { matchLabels: Record<string, string> }; endpoints: { port: string }[] } };
      expect(service.metadata.labels).toMatchObject(monitor.spec.selector.matchLabels);
      expect(service.spec.ports.map((p) => p.name)).toEqual(expect.arrayContaining(monitor.spec.endpoints.map((e) => e.port)));
    }
  });

  it('the cloud controller sets routes where it knows the pod network, and names load balancers by its cluster', async () => {
    const args = async (values: Values) => {
      const daemonSet = (await render('openstack-cloud-controller-manager', values, 'kube-system')).find((o) => o.kind === 'DaemonSet');
      return (daemonSet?.['spec'] as { template: { spec: { containers: { args: string[] }[] } } }).template.spec.containers[0]!.args;
    };
    const [withoutCilium] = bundledApps({ leftOut: { cilium: 'no eBPF here' } });
    const own = await args(withoutCilium?.spec.values as Values);
    expect(await args(apps[0]?.spec.values as Values)).toContain('--configure-cloud-routes=false');
    expect(own).toEqual(expect.arrayContaining(['--configure-cloud-routes=true', '--cluster-cidr=10.120.0.0/16', expect.stringMatching(/^--cluster-name=keelson-[0-9a-f]{16}$/) as string]));
    expect((await args({})).join(' ')).toMatch(/--configure-cloud-routes=false.*--controllers=cloud-node,cloud-node-lifecycle,service(?!,route)/);
  });

  it('kube-state-metrics may read exactly the kinds it was told', async () => {
    const objects = await render('kube-state-metrics', { kinds: ['pods', 'deployments'] }, 'keelson-system');
    const role = objects.find((o) => o.kind === 'ClusterRole');
    expect(role?.['rules']).toEqual([
      { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list', 'watch'] },
    ]);
  });
});
