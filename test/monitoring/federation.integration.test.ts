import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { load } from 'js-yaml';
import { stringify } from 'yaml';
import { schema } from '../../exporters/cert/config.ts';
import { runCertExporter } from '../../exporters/cert/exporter.ts';
import { systemClock } from '../../exporters/core/clock.ts';
import { federationPath, federationScrapeConfig, federationSelector } from '../../monitoring/federation.ts';
import { alertmanagerConfig } from '../../monitoring/routes/config.ts';
import { groupsFor } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { runFederationProxy } from '../../provisioner/federation-proxy/proxy.ts';
import { KubeClient } from '../../provisioner/kube/client.ts';
import { resources } from '../../provisioner/kube/resources.ts';
import type { KubeObject, Resource } from '../../provisioner/kube/types.ts';
import { makeCertificate } from '../exporters/cert/make-certificate.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../fixtures/api-server.ts';
import { freePort } from '../fixtures/free-port.ts';
import { chartPath, helm, template } from '../fixtures/helm.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';

const scrapeConfigs: Resource = { group: 'monitoring.coreos.com', version: 'v1alpha1', plural: 'scrapeconfigs', kind: 'ScrapeConfig', namespaced: true };
const day = 86_400_000;

interface Page {
  status: 'firing' | 'resolved';
  alerts: { status: string; labels: Record<string, string>; annotations: Record<string, string> }[];
}

/**
 * The whole way with real programs: a certificate on disk → cert-exporter → Prometheus of a cluster → federation proxy →
 * the cluster's API server, with the reader's own token → the management Prometheus with the configuration that the real
 * operator made of our ScrapeConfig → Alertmanager → a pager.
 */
describeWith({ tools: [...apiServerNeeds.tools, 'helm', 'prometheus', 'alertmanager', 'prometheus-operator'] }, 'from a certificate to a page', () => {
  const stop = new AbortController();
  const children: ChildProcess[] = [];
  const running: Promise<void>[] = [];
  const pages: Page[] = [];
  let api: ApiServer;
  let folder: string;
  let pager: Server;
  let readerToken: string;
  let management: string;

  const start = (tool: string, args: readonly string[]): void => void children.push(spawn(join(toolsBin, tool), args, { stdio: 'ignore' }));
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-federation-'));
    api = await startApiServer();
    await mkdir(join(folder, 'pki'));
    await file('pki/served.crt', (await makeCertificate({ serial: '01', notBefore: new Date(Date.now() - 300 * day), notAfter: new Date(Date.now() + day) })).cert);
    pager = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString())).on('end', () => {
        pages.push(JSON.parse(body) as Page);
        response.end();
      });
    });
    await new Promise<void>((resolve) => pager.listen(0, '127.0.0.1', resolve));
    await startWorkloadSide(await startExporter());
    await startManagementSide();
  }, 240_000);
  afterAll(async () => {
    stop.abort();
    await Promise.all(running);
    for (const child of children) child.kill('SIGKILL');
    pager?.close();
    await api?.stop();
    await rm(folder, { recursive: true });
  });

  async function startExporter(): Promise<number> {
    const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const config = schema.parse({ address: '127.0.0.1:0', files: { directories: [join(folder, 'pki')], intervalSeconds: 1 }, secrets: { enabled: false } });
    return new Promise((onListening, reject) => {
      const done = runCertExporter({ config, version: '0', workerEntry: new URL('../../exporters/cert/main.ts', import.meta.url), client: () => Promise.reject(new Error('not asked for')), log: silent, clock: systemClock, random: Math.random, onListening }, stop.signal);
      done.catch(reject);
      running.push(done);
    });
  }

  async function startWorkloadSide(exporterPort: number): Promise<void> {
    const port = await freePort();
    const rules = await file('records.yaml', stringify(renderGroups(groupsFor('workload'), { runbookBase: '' })));
    const config = await file('workload.yaml', stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' }, rule_files: [rules],
      scrape_configs: [{ job_name: 'cert-exporter', static_configs: [{ targets: [`127.0.0.1:${exporterPort}`], labels: { node: 'w1' } }] }],
    }));
    start('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${folder}/workload`, `--web.listen-address=127.0.0.1:${port}`, '--web.enable-admin-api']);
    const address = Object.values(networkInterfaces()).flat().find((one) => one?.family === 'IPv4' && !one.internal)?.address;
    if (!address) throw new Error('the API server proxies to no loopback address, and there is no other one');
    const ports = await new Promise<{ queries: number }>((onListening, reject) => {
      const done = runFederationProxy({ upstream: `http://127.0.0.1:${port}`, listen: `${address}:0`, metricsListen: '127.0.0.1:0', healthListen: '127.0.0.1:0', onListening }, stop.signal);
      done.catch(reject);
      running.push(done);
    });
    await createFederationService(address, ports.queries);
  }

  /** The chart's own reader and rights; the addresses are written by hand, as no controller manager runs. */
  async function createFederationService(address: string, port: number): Promise<void> {
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keelson-system' } });
    const manifests = await template('workload-monitoring', 'keelson-system');
    for (const [kind, plural, group] of [['ServiceAccount', 'serviceaccounts', ''], ['Role', 'roles', 'rbac.authorization.k8s.io'], ['RoleBinding', 'rolebindings', 'rbac.authorization.k8s.io']] as const) {
      const manifest = manifests.find((one) => one.kind === kind && one.metadata.name === 'keelson-federation-reader')!;
      await api.client.create({ group, version: 'v1', plural, kind, namespaced: true }, manifest as unknown as KubeObject);
    }
    const metadata = { name: 'keelson-federation', namespace: 'keelson-system' };
    await api.client.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ name: 'http', port: 9090, targetPort: port }, { name: 'metrics', port: 8080 }] } });
    // The API server proxies only to addresses of pods that exist.
    await api.client.create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'proxy', image: 'x' }] } });
    await api.client.patch(resources.pods, metadata, { type: 'merge', subresource: 'status', body: { status: { phase: 'Running', podIP: address, podIPs: [{ ip: address }] } } });
    const subset = { addresses: [{ ip: address, targetRef: { kind: 'Pod', ...metadata } }], ports: [{ name: 'http', port }, { name: 'metrics', port }] };
    await api.client.create(resources.endpoints, { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets: [subset] });
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
    const { body } = await api.client.request({ method: 'POST', path: '/api/v1/namespaces/keelson-system/serviceaccounts/keelson-federation-reader/token', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
    readerToken = (JSON.parse(body.toString()) as { status: { token: string } }).status.token;
  }

  async function startManagementSide(): Promise<void> {
    const env = { KUBECONFIG: await file('kubeconfig', api.kubeconfig), HOME: folder };
    for (const chart of ['prometheus-operator', 'monitoring']) await helm(['install', chart, chartPath(chart), '--namespace', 'keelson-system'], env);
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'demo-federation', namespace: 'keelson-system' }, stringData: { token: readerToken, 'ca.crt': api.ca.cert } });
    await api.client.create(scrapeConfigs, federationScrapeConfig({
      cluster: 'demo', namespace: 'keelson-system', endpoint: `127.0.0.1:${api.port}`, interval: '1s', identity: { cluster_id: 'demo', organization: 'demo' },
      tokenSecret: { name: 'demo-federation', key: 'token' }, caSecret: { name: 'demo-federation', key: 'ca.crt' },
    }) as unknown as KubeObject);
    start('prometheus-operator', [`--apiserver=${api.url}`, `--ca-file=${await file('ca', api.ca.cert)}`, `--cert-file=${await file('cert', api.adminCertificate.cert)}`, `--key-file=${await file('key', api.adminCertificate.key)}`, '--web.listen-address=127.0.0.1:0']);

    const alertmanagerPort = await freePort();
    const routing = alertmanagerConfig({ pagerUrl: `http://127.0.0.1:${(pager.address() as AddressInfo).port}`, noticesUrl: '', groupWait: '1s', groupInterval: '1s', repeatInterval: '1h' });
    start('alertmanager', [`--config.file=${await file('alertmanager.yaml', stringify(routing))}`, `--storage.path=${folder}/alertmanager`, `--web.listen-address=127.0.0.1:${alertmanagerPort}`, '--cluster.listen-address=']);

    const rendered = renderGroups(groupsFor('management'), { runbookBase: 'https://runbooks' });
    const hasty = { groups: rendered.groups.map((group) => ({ ...group, rules: group.rules.map((rule) => (rule.alert ? { ...rule, for: '0s' } : rule)) })) };
    const config = await file('management.yaml', stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' }, rule_files: [await file('rules.yaml', stringify(hasty))],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanagerPort}`] }] }] },
      scrape_configs: [await generatedJob()],
    }));
    const port = await freePort();
    management = `http://127.0.0.1:${port}`;
    start('prometheus', [`--config.file=${config}`, `--storage.tsdb.path=${folder}/management`, `--web.listen-address=127.0.0.1:${port}`]);
  }

  /** The scrape job as the real operator made it of our ScrapeConfig; only the folder of its files is another. */
  async function generatedJob(): Promise<Record<string, unknown>> {
    const name = 'scrapeConfig/keelson-system/demo-federation';
    const config = await until(async () => {
      const secret = await api.client.get<KubeObject & { data: Record<string, string> }>(resources.secrets, { namespace: 'keelson-system', name: 'prometheus-keelson' });
      const text = secret ? gunzipSync(Buffer.from(secret.data['prometheus.yaml.gz']!, 'base64')).toString() : '';
      return text.includes(name) ? text : undefined;
    });
    const job = (load(config) as { scrape_configs: Record<string, unknown>[] }).scrape_configs.find((one) => one['job_name'] === name)!;
    const assets = await until(() => api.client.get<KubeObject & { data: Record<string, string> }>(resources.secrets, { namespace: 'keelson-system', name: 'prometheus-keelson-tls-assets-0' }));
    for (const [asset, data] of Object.entries(assets.data)) await file(asset, Buffer.from(data, 'base64').toString());
    const text = JSON.stringify(job).replaceAll('/etc/prometheus/certs', folder).replaceAll('$(SHARD)', '0');
    return JSON.parse(text) as Record<string, unknown>;
  }

  const query = async (expr: string): Promise<{ metric: Record<string, string>; value: number }[]> => {
    const response = await fetch(`${management}/api/v1/query?query=${encodeURIComponent(expr)}`).catch(() => undefined);
    const { data } = response?.ok ? ((await response.json()) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } }) : { data: { result: [] } };
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  };
  const asReader = (path: string): Promise<number> => {
    const client = new KubeClient({ server: api.url, ca: api.ca.cert, token: () => Promise.resolve(readerToken), userAgent: 'test' });
    return client.request({ method: 'GET', path }).then(({ status }) => status).finally(() => client.close());
  };

  test('the recorded family arrives, under the name that the management side gives the cluster', async () => {
    const [series] = await until(async () => {
      const found = await query('keelson:cert_not_after_timestamp:soonest');
      return found.length ? found : undefined;
    });
    expect(series?.metric).toEqual({
      __name__: 'keelson:cert_not_after_timestamp:soonest', cluster_id: 'demo', organization: 'demo', source: 'files', node: 'w1', path: join(folder, 'pki/served.crt'),
      job: 'keelson-federation', instance: `127.0.0.1:${api.port}`,
    });
    expect(await query('keelson:up:ratio{cluster_id="demo",scrape_job="cert-exporter"}')).toMatchObject([{ value: 1 }]);
    expect(await query('cert_exporter_not_after')).toEqual([]);
  }, 90_000);

  test('the pager gets one page that names the certificate and its runbook', async () => {
    const page = await until(() => Promise.resolve(pages.find(({ status, alerts }) => status === 'firing' && alerts[0]?.labels['alertname'] === 'CertificateExpiresSoon')));
    expect(page.alerts).toHaveLength(1);
    expect(page.alerts[0]).toMatchObject({
      labels: { alertname: 'CertificateExpiresSoon', severity: 'page', cluster_id: 'demo', node: 'w1' },
      annotations: { summary: expect.stringContaining(`demo: certificate ${join(folder, 'pki/served.crt')} on node w1 expires in`), runbook_url: 'https://runbooks/CertificateExpiresSoon.md' },
    });
  }, 90_000);

  test('the reader may ask for nothing but the family', async () => {
    const allowed = `${federationPath()}?match[]=${encodeURIComponent(federationSelector)}`;
    expect(await asReader(allowed)).toBe(200);
    // Past RBAC, refused by the proxy.
    expect(await asReader(`${federationPath()}?match[]=up`)).toBe(403);
    expect(await asReader(`${federationPath().replace(/federate$/, 'api/v1/query')}?query=up`)).toBe(403);
    // Refused by RBAC: other ports of the Service, other Services, other objects.
    for (const path of [allowed.replace(':http/', ':metrics/'), allowed.replace(':http/', ':9090/'), allowed.replace(':http/', '/'), '/api/v1/namespaces/keelson-system/services/prometheus-operated:web/proxy/', '/api/v1/namespaces/keelson-system/services', '/api/v1/namespaces/keelson-system/secrets']) {
      expect([path, await asReader(path)]).toEqual([path, 403]);
    }
  }, 90_000);

  test('a renewed certificate resolves the page', async () => {
    await file('pki/served.crt', (await makeCertificate({ serial: '02', notBefore: new Date(), notAfter: new Date(Date.now() + 300 * day) })).cert);
    await until(() => Promise.resolve(pages.find(({ status, alerts }) => status === 'resolved' && alerts[0]?.labels['severity'] === 'page')));
  }, 90_000);
});

async function until<T>(attempt: () => Promise<T | undefined>): Promise<T> {
  const endsAt = Date.now() + 80_000;
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (Date.now() > endsAt) throw new Error(`not within 80 s: ${attempt.toString().slice(0, 200)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
