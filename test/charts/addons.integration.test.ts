/** The umbrella chart, built and installed by the real Helm into a real API server that has nothing of ours. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readFileSync } from 'node:fs';
import { Helm } from '../../provisioner/helm/index.ts';
import { type KubeObject, resources } from '../../provisioner/kube/index.ts';
import { type ApiServer, startApiServer } from '../fixtures/api-server.ts';
import { builtAddons } from '../fixtures/built-addons.ts';
import { chartPath } from '../fixtures/helm.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';

const helm = new Helm({ binary: join(toolsBin, 'helm') });
const namespace = 'keelson-system';

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'chart addons', () => {
  let api: ApiServer;
  let folder: string;
  let chart: string;
  const ref = () => ({ release: 'addons', namespace, kubeconfig: { content: api.kubeconfig } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-addons-'));
    chart = await builtAddons(folder);
    api = await startApiServer();
  }, 150_000);

  afterAll(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('names its parts in the versions that they have', () => {
    const { dependencies } = parse(readFileSync(join(chartPath('addons'), 'Chart.yaml'), 'utf8')) as { dependencies: { name: string; version: string }[] };
    for (const { name, version } of dependencies) expect([name, (parse(readFileSync(join(chartPath(name), 'Chart.yaml'), 'utf8')) as { version: string }).version]).toEqual([name, version]);
  });

  test('passes helm lint, and refuses what it and its parts do not know', async () => {
    await helm.lint({ chart, strict: true });
    await expect(helm.lint({ chart, values: { instal: {} } })).rejects.toMatchObject({ code: 'HELM_CHART_INVALID' });
    await expect(helm.lint({ chart, values: { 'cert-exporter': { filez: {} } } })).rejects.toMatchObject({ code: 'HELM_CHART_INVALID' });
  }, 60_000);

  test('one install brings all of it, into a cluster that has never heard of us', async () => {
    const { objects } = await helm.upgradeInstall({ ...ref(), chart, createNamespace: true });
    const names = objects.map(({ kind, name }) => `${kind} ${name}`);
    for (const wanted of ['Deployment prometheus-operator', 'Deployment kube-state-metrics', 'DaemonSet node-exporter', 'DaemonSet cert-exporter-files', 'DaemonSet net-exporter', 'Prometheus keelson', 'ServiceMonitor net-exporter']) expect(names).toContain(wanted);
    expect(await api.client.get(resources.prometheuses, { namespace, name: 'keelson' })).toBeDefined();
    const groups = new Set(objects.map(({ apiVersion }) => apiVersion.split('/')[0]));
    for (const foreign of ['cluster.x-k8s.io', 'keelson.dev', 'cilium.io', 'cert-manager.io', 'kyverno.io']) expect([...groups]).not.toContain(foreign);
  }, 120_000);

  test('each part has its own image, labels and selector: no helper of one is taken for that of another', async () => {
    const images = async (resource: typeof resources.daemonSets, name: string) =>
      (await api.client.get<KubeObject & { spec: { template: { spec: { containers: { image: string }[] } } } }>(resource, { namespace, name }))?.spec.template.spec.containers.map(({ image }) => image.split(':')[0]);
    expect(await images(resources.daemonSets, 'node-exporter')).toEqual(['quay.io/prometheus/node-exporter']);
    expect(await images(resources.daemonSets, 'net-exporter')).toEqual(['ghcr.io/keelson/net-exporter']);
    expect(await images(resources.deployments, 'kube-state-metrics')).toEqual(['registry.k8s.io/kube-state-metrics/kube-state-metrics']);
  });

  test('an upgrade with other values changes what it says and nothing else, and parts can be switched off', async () => {
    const { objects, revision } = await helm.upgradeInstall({ ...ref(), chart, values: { install: { netExporter: false, policies: false }, global: { imageRegistry: 'mirror.example' } } });
    expect(revision).toBe(2);
    expect(objects.map(({ name }) => name)).not.toContain('net-exporter');
    expect(await api.client.get(resources.daemonSets, { namespace, name: 'net-exporter' })).toBeUndefined();
    const found = await api.client.get(resources.daemonSets, { namespace, name: 'node-exporter' });
    expect(JSON.stringify(found)).toContain('mirror.example/prometheus/node-exporter');
  }, 60_000);

  test('an uninstall leaves the kinds and nothing of ours', async () => {
    await helm.uninstall(ref());
    expect((await api.client.list(resources.daemonSets, { namespace })).items).toEqual([]);
    expect(await api.client.get(resources.customResourceDefinitions, { name: 'prometheuses.monitoring.coreos.com' })).toBeDefined();
  }, 60_000);
});
