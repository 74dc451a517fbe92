/**
 * Rules and boards written for giantswarm/cert-exporter, against a real Prometheus that scrapes ours with honor_labels
 * off, as theirs does: the exporter's namespace arrives as exported_namespace.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';
import { crd } from './cert-manager.ts';
import { makeCertificate } from './make-certificate.ts';
import { startWith, type Running } from './running-exporter.ts';

/** In the shape of giantswarm/prometheus-rules' certificate rules and boards. */
const expressions = [
  'min by (cluster_id, path) ((cert_exporter_not_after{path!="/etc/kubernetes/ssl/service-account-crt.pem"} - time()) < 14 * 24 * 3600)',
  '(cert_exporter_secret_not_after{name=~"^kyverno-.+|hubble-.+"} - time()) < 14 * 24 * 3600',
  'max by (cluster_id, exported_namespace, certificatename) (cert_exporter_secret_not_after{certificatename=~"capi-.+-serving-cert", secretkey="tls.crt"}) - time() < 14 * 24 * 3600',
  'min by (name, exported_namespace, issuer_ref) (cert_exporter_certificate_cr_not_after{managed_issuer="true"}) - time() < 21 * 24 * 3600',
  'cert_exporter_certificate_cr_not_after{managed_issuer!="true"} - time() < 14 * 24 * 3600',
  '(cert_exporter_token_not_after - time()) < 14 * 24 * 3600',
  'min by (cluster_id) (cert_exporter_not_after)',
  'cert_exporter_not_after * on (path, serialnumber) group_left (subject_cn) cert_exporter_info',
  '(cert_exporter_secret_not_after - time()) / (cert_exporter_secret_not_after - cert_exporter_secret_not_before) < 0.34',
];

describeWith({ tools: [...apiServerNeeds.tools, 'prometheus'] }, 'the contract with existing rules and boards', () => {
  let folder: string;
  let api: ApiServer;
  let vault: Server;
  let exporter: Running;
  let prometheus: ChildProcess;
  let port: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'contract-'));
    api = await startApiServer();
    const soon = await makeCertificate({ notBefore: new Date(Date.now() - 80 * 86_400_000), notAfter: new Date(Date.now() + 5 * 86_400_000) });
    await mkdir(join(folder, 'pki'));
    await writeFile(join(folder, 'pki/ca.crt'), soon.cert);
    await writeFile(join(folder, 'token'), 'hvs.x');
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    for (const [name, certificateName] of [['kyverno-svc.kyverno.svc.tls-pair', ''], ['capi-webhook-service-cert', 'capi-webhook-serving-cert']] as const) {
      await api.client.create(resources.secrets, {
        apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls', data: { 'tls.crt': base64(soon.cert), 'tls.key': base64(soon.key) },
        metadata: { name, namespace: 'default', ...(certificateName && { annotations: { 'cert-manager.io/certificate-name': certificateName } }) },
      });
    }
    await createCertificates();
    vault = createServer((_, response) => void response.end(JSON.stringify({ data: { expire_time: new Date(Date.now() + 86_400_000).toISOString() } })));
    await new Promise<void>((resolve) => vault.listen(0, '127.0.0.1', resolve));
    exporter = await startWith({
      client: () => Promise.resolve(api.client.fork()),
      config: {
        files: { directories: [join(folder, 'pki')] }, secrets: { enabled: true }, certificates: { enabled: true },
        vaultTokens: { url: `http://127.0.0.1:${(vault.address() as AddressInfo).port}`, tokenFiles: [join(folder, 'token')] },
      },
    });
    await exporter.until('cert_exporter_certificate_cr_not_after', (lines) => lines.length === 2 && lines.some((line) => line.includes('managed_issuer="true"')));
    await startPrometheus();
  }, 240_000);
  afterAll(async () => {
    prometheus?.kill('SIGKILL');
    await exporter?.stop();
    vault?.close();
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function createCertificates(): Promise<void> {
    for (const [plural, kind, scope] of [['certificates', 'Certificate', 'Namespaced'], ['issuers', 'Issuer', 'Namespaced'], ['clusterissuers', 'ClusterIssuer', 'Cluster']] as const) await api.client.create(resources.customResourceDefinitions, crd(plural, kind, scope));
    const soon = new Date(Date.now() + 5 * 86_400_000).toISOString();
    const objects = [
      ['clusterIssuers', { kind: 'ClusterIssuer', metadata: { name: 'private-giantswarm', labels: { 'giantswarm.io/service-type': 'managed' } } }],
      ['certificates', { kind: 'Certificate', metadata: { name: 'ours', namespace: 'default' }, spec: { issuerRef: { name: 'private-giantswarm', kind: 'ClusterIssuer' } } }],
      ['certificates', { kind: 'Certificate', metadata: { name: 'theirs', namespace: 'default' }, spec: { issuerRef: { name: 'letsencrypt', kind: 'Issuer' } } }],
    ] as const;
    for (const [resource, object] of objects) {
      // A kind is served a moment after its definition.
      const created = await eventually(() => api.client.create<KubeObject>(resources[resource], { apiVersion: 'cert-manager.io/v1', ...object } as KubeObject));
      if (resource === 'certificates') await api.client.replace(resources.certificates, { ...created, status: { notAfter: soon } } as KubeObject, { subresource: 'status' });
    }
  }

  async function startPrometheus(): Promise<void> {
    port = await freePort();
    const labels = { namespace: 'kube-system', pod: 'cert-exporter-x', node: 'n1', cluster_id: 'c1', cluster_type: 'workload_cluster', app: 'cert-exporter' };
    await writeFile(join(folder, 'prometheus.yaml'), stringify({ global: { scrape_interval: '1s' }, scrape_configs: [{ job_name: 'cert-exporter', static_configs: [{ targets: [`127.0.0.1:${exporter.port}`], labels }] }] }));
    prometheus = spawn(join(toolsBin, 'prometheus'), [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  }

  const query = async (expr: string): Promise<{ metric: Record<string, string> }[]> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`);
    const { data } = (await response.json()) as { data: { result: { metric: Record<string, string> }[] } };
    return data.result;
  };

  test('Prometheus takes the whole page, namespace becomes exported_namespace', async () => {
    await eventually(async () => (await query('up{job="cert-exporter"} == 1')).length === 1);
    const [secret] = await query('cert_exporter_secret_not_after{name=~"kyverno.*"}');
    expect(secret!.metric).toMatchObject({ namespace: 'kube-system', exported_namespace: 'default', secretkey: 'tls.crt' });
  }, 60_000);

  test.each(expressions)('%s', async (expr) => {
    expect((await query(expr)).length).toBeGreaterThan(0);
  });
});
