/** `keelson images list` against the real Helm: every image of every chart that ships is on the list of somebody, and every one comes from the mirror. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import { imagesList, type ImagesListOptions } from '../../../provisioner/cli/commands/images.ts';
import type { CliContext } from '../../../provisioner/cli/context.ts';
import { Helm, type Values } from '../../../provisioner/helm/index.ts';
import { mirroredValues } from '../../../provisioner/operators/cluster-apps/mirror.ts';
import { bundledApps, shippedChart } from '../../fixtures/bundled-apps.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';

const repository = join(import.meta.dirname, '../../..');
const helm = new Helm({ binary: join(toolsBin, 'helm') });

interface Row { image: string; digest?: string; mirror?: string; apps: string[] }

describeWith({ tools: ['helm'] }, 'keelson images list', () => {
  const list = async (options: Partial<ImagesListOptions> = {}): Promise<Row[]> => {
    let out = '';
    const context = { env: process.env, home: homedir(), repository, signal: new AbortController().signal, stdout: { write: (text: string) => void (out += text) } } as unknown as CliContext;
    await imagesList(context, { output: 'json', helm: join(toolsBin, 'helm'), ...options });
    return JSON.parse(out) as Row[];
  };
  let rows: Row[];
  beforeAll(async () => void (rows = await list({ management: true, registryPrefix: 'mirror.example/k8s' })), 120_000);

  /** Told by the pods themselves, not by the code under test. */
  const imagesOfPods = (manifests: string): string[] => {
    const found: string[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const { containers, initContainers } = value as { containers?: { image?: string }[]; initContainers?: { image?: string }[] };
      for (const list of [containers, initContainers]) if (Array.isArray(list)) found.push(...list.flatMap(({ image }) => image ?? []));
      for (const inner of Object.values(value)) visit(inner);
    };
    for (const document of loadAll(manifests) as { kind?: string; spec?: { image?: string } }[]) {
      if (document?.kind === 'CustomResourceDefinition') continue;
      visit(document);
      if (document?.kind === 'Prometheus' || document?.kind === 'Alertmanager') found.push(document.spec?.image ?? '');
    }
    return found;
  };

  test('every container of every app is on it, and with a mirror comes from where the list says', async () => {
    const mirrors = new Set(rows.map(({ mirror, digest }) => (digest === undefined ? mirror : `${mirror}@${digest}`)));
    const strangers: string[] = [];
    const bundled = bundledApps({ imageRegistry: 'mirror.example/k8s' }).map(({ spec }) => ({ chart: spec.chart, namespace: spec.namespace, values: spec.values as Values }));
    const management = ['keelson', 'cluster-api', 'monitoring'].map((chart) => ({ chart, namespace: 'keelson-system', values: mirroredValues({}, 'mirror.example/k8s') }));
    for (const { chart, namespace, values } of [...bundled, ...management]) {
      const images = imagesOfPods(await helm.template({ release: chart, namespace, chart: await shippedChart(chart), values }));
      expect([chart, images.length > 0]).toEqual([chart, chart !== 'policies']);
      strangers.push(...images.filter((image) => !image.startsWith('mirror.example/k8s/') || !mirrors.has(image)).map((image) => `${chart}: ${image}`));
    }
    expect(strangers).toEqual([]);
  }, 60_000);

  test('has the digest that the chart has, and where each image is without a mirror', () => {
    expect(rows.find(({ image }) => image.startsWith('quay.io/cilium/cilium-envoy:'))).toMatchObject({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string, mirror: expect.stringMatching(/^mirror\.example\/k8s\/cilium\/cilium-envoy:/) as string, apps: ['cilium'],
    });
  });

  test('what only an argument names is on it too', () => {
    expect(rows.map(({ image }) => image)).toContain('quay.io/prometheus-operator/prometheus-config-reloader:v0.85.0');
  });

  test('every chart of ours that runs anything is on the list of somebody', async () => {
    const charts = (await readdir(join(repository, 'charts'), { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const apps = new Set(rows.flatMap((row) => row.apps));
    expect(charts.filter((name) => !['render', 'policies', 'addons'].includes(name) && !apps.has(name))).toEqual([]);
  });

  test('takes the digests of our own images from their layouts', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keelson-layouts-'));
    const digest = `sha256:${'b'.repeat(64)}`;
    await mkdir(join(folder, 'net-exporter'));
    await writeFile(join(folder, 'net-exporter/index.json'), JSON.stringify({ manifests: [{ digest, annotations: { 'org.opencontainers.image.ref.name': 'ghcr.io/keelson/net-exporter:0.1.0' } }] }));
    const bundle = join(folder, 'bundle.yaml');
    await writeFile(bundle, 'metadata: {name: small}\nspec: {version: 0.1.0, kubernetes: {min: "1.36", max: "1.36"}, apps: [{name: net-exporter, chart: net-exporter, version: 0.1.0, namespace: x}]}\n');
    expect(await list({ bundle, layouts: folder })).toEqual([{ image: 'ghcr.io/keelson/net-exporter:0.1.0', digest, apps: ['net-exporter'] }]);
    await rm(folder, { recursive: true });
  }, 30_000);

  test('names what cannot be', async () => {
    await expect(list({ bundle: '/nowhere.yaml' })).rejects.toMatchObject({ code: 'CLI_FILE_UNREADABLE' });
    await expect(list({ bundle: join(repository, 'package.json') })).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
    await expect(list({ chartsDir: '/nowhere' })).rejects.toMatchObject({ code: 'CLI_FILE_UNREADABLE' });
  });
});
