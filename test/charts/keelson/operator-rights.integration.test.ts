import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { authoritySecret } from '../../../provisioner/operators/certificates/authority.ts';
import { caLifeMs, issueCa } from '../../../provisioner/operators/certificates/x509.ts';
import { accountKubeconfig } from '../../fixtures/account-kubeconfig.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { chartPath, helm } from '../../fixtures/helm.ts';
import { auditFlags, readAudit } from '../../fixtures/audit-log.ts';
import { rightsOfAccounts, unusedRights, usesIn } from '../../fixtures/rights-use.ts';
import { recorded, start, type Running } from '../../sandbox/openstack/fixture.ts';
import { liveThrough } from './operator-life.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';

const repository = join(import.meta.dirname, '../../..');
const holders = ['keelson-system/keelson-operator', 'kube-system/keelson-access-signer'];

describeWith({ tools: [...apiServerNeeds.tools, 'helm', 'kube-controller-manager'] }, 'the operator with the rights that the chart gives it', () => {
  let api: ApiServer;
  let folder: string;
  let cloud: Running;
  let operator: ChildProcess;
  let log = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-rights-'));
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1, volumeMs: 1 } });
    api = await startApiServer({ controllers: ['certificatesigningrequest-signing-controller', 'namespace-controller'], flags: await auditFlags(folder) });
    await writeFile(join(folder, 'admin'), api.kubeconfig, { mode: 0o600 });
    for (const [chart, namespace] of [['keelson', 'keelson-system'], ['cluster-api', 'capi-system'], ['prometheus-operator', 'keelson-system']] as const) {
      await helm(['install', chart, chartPath(chart), '--namespace', namespace, '--create-namespace'], { KUBECONFIG: join(folder, 'admin'), HOME: folder });
    }
    // A CA in its last year: its successor has to be written beside it.
    const current = await issueCa(new Date(Date.now() - caLifeMs + 100 * 86_400_000));
    await api.client.create(resources.secrets, authoritySecret({ current, bundle: current.certificate }, 'keelson-system'));
    await writeFile(join(folder, 'operator'), await accountKubeconfig(api, 'keelson-operator'), { mode: 0o600 });
    operator = spawn(process.execPath, [
      join(repository, 'provisioner/cli/main.ts'), 'operator', '--kubeconfig', join(folder, 'operator'), '--charts-dir', join(repository, 'charts'),
      '--helm', join(toolsBin, 'helm'), '--bundles-dir', join(repository, 'charts/keelson/files/bundles'), '--metrics-port', '0', '--health-port', '0',
    ], { env: { PATH: process.env['PATH'], HOME: folder, POD_NAME: 'test' }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [operator.stdout, operator.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  }, 240_000);
  afterAll(async () => {
    if (operator) {
      const ended = new Promise((resolve) => operator.once('exit', resolve));
      operator.kill('SIGTERM');
      await ended;
    }
    await api?.stop();
    await cloud?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const secret = (namespace: string, name: string) => async () => api.client.get<KubeObject & { data: Record<string, string> }>(resources.secrets, { namespace, name });

  test('every Service that asks for a certificate gets one', async () => {
    const ca = await until('the CA', secret('keelson-system', 'keelson-ca'));
    expect(Object.keys(ca.data)).toContain('ca.crt');
    await until('its successor', async () => ((await secret('keelson-system', 'keelson-ca')())?.data['next.crt'] ? true : undefined));
    await until('the certificate of the extension', secret('keelson-system', 'keelson-topology-extension-tls'));
    for (const provider of ['capi', 'capi-kubeadm-bootstrap', 'capi-kubeadm-control-plane', 'capo']) await until(provider, secret('capi-system', `${provider}-webhook-service-cert`));
  }, 120_000);

  test('webhooks and CRDs get its CA', async () => {
    const injected = async (): Promise<true | undefined> => {
      const configurations = (await api.client.list(resources.mutatingWebhookConfigurations)).items.concat((await api.client.list(resources.validatingWebhookConfigurations)).items);
      const crds = (await api.client.list(resources.customResourceDefinitions)).items.filter(({ metadata }) => metadata.annotations?.['keelson.dev/inject-ca-from']);
      return configurations.length === 8 && crds.length === 17 && [...configurations, ...crds].every((object) => JSON.stringify(object).includes('"caBundle":"')) ? true : undefined;
    };
    await expect(until('the CA everywhere', injected)).resolves.toBe(true);
  }, 120_000);

  test('the class is published, Apps of a cluster are written, and nothing is forbidden', async () => {
    await withoutWebhooks();
    await until('the class', async () => api.client.get(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' }));
    // Nobody discovers its handlers here.
    await until('the ExtensionConfig, and that Cluster API is asked to discover it', async () => (await api.client.get(resources.extensionConfigs, { name: 'keelson' }))?.metadata.annotations?.['keelson.dev/asked']);
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'org-demo' } });
    const kubeconfig = Buffer.from(api.kubeconfig).toString('base64');
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'demo-kubeconfig', namespace: 'org-demo', labels: { 'cluster.x-k8s.io/cluster-name': 'demo' } }, type: 'cluster.x-k8s.io/secret', data: { value: kubeconfig } } as KubeObject);
    await api.client.create(resources.clusters, load(readFileSync(join(repository, 'examples/cluster.yaml'), 'utf8')) as KubeObject);
    await until('a condition on the Cluster', async () => {
      const cluster = await api.client.get(resources.clusters, { namespace: 'org-demo', name: 'demo' });
      return JSON.stringify(cluster?.['status'] ?? {}).includes('keelson.dev/') ? cluster : undefined;
    });
    await until('the Apps of the bundle', async () => ((await api.client.list(resources.apps, { namespace: 'org-demo' })).items.length > 5 ? true : undefined));
    const conditions = [{ type: 'Available', status: 'True', reason: 'Available', message: '', lastTransitionTime: '2100-01-01T00:00:00Z' }];
    await api.client.patch(resources.clusters, { namespace: 'org-demo', name: 'demo' }, { type: 'merge', subresource: 'status', body: { status: { conditions } } });
    await until('that it was available', async () => (await api.client.get(resources.clusters, { namespace: 'org-demo', name: 'demo' }))?.metadata.annotations?.['keelson.dev/first-available']);
    expect(log.split('\n').filter((line) => /forbidden|KUBE_FORBIDDEN/i.test(line))).toEqual([]);
  }, 120_000);

  test('a fleet lives, and no right of the operator and of its signer of logins is left that it never used', async () => {
    await withoutWebhooks();
    await liveThrough({ client: api.client, kubeconfig: api.kubeconfig, cloud }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${log.slice(-4000)}`, { cause: error });
    });
    const rights = (await rightsOfAccounts(api.client)).filter(({ account }) => holders.includes(account));
    expect(new Set(rights.map(({ account }) => account))).toEqual(new Set(holders));
    const audit = readAudit(folder);
    expect(unusedRights(rights, usesIn(audit))).toEqual([]);
    const forbidden = audit.filter(({ user, impersonatedUser, responseStatus }) => responseStatus?.code === 403 && !impersonatedUser && holders.some((holder) => user.username.endsWith(holder.replace('/', ':'))));
    expect(forbidden.map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
  }, 240_000);

  /** No manager answers here. */
  async function withoutWebhooks(): Promise<void> {
    for (const resource of [resources.mutatingWebhookConfigurations, resources.validatingWebhookConfigurations]) {
      for (const { metadata } of (await api.client.list(resource)).items) await api.client.delete(resource, { name: metadata.name });
    }
  }

  async function until<T>(what: string, read: () => Promise<T | undefined>): Promise<T> {
    const endsAt = Date.now() + 90_000;
    while (Date.now() < endsAt) {
      const value = await read();
      if (value) return value;
      if (operator.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`${what} did not come; the operator says:\n${log.slice(-4000)}`);
  }
});
