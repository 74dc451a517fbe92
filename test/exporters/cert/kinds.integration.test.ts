/** caBundles and cert-manager's Certificates in a real API server. */
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { crd } from './cert-manager.ts';
import { makeCertificate } from './make-certificate.ts';
import { startWith, type Running } from './running-exporter.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describeWith(apiServerNeeds, 'kinds of a real API server', () => {
  let api: ApiServer;
  let exporter: Running | undefined;
  beforeAll(async () => void (api = await startApiServer()), 150_000);
  afterAll(() => api?.stop());
  afterEach(() => exporter?.stop());
  const start = async (config: object, isReadyAwaited = true): Promise<Running> => (exporter = await startWith({ config, client: () => Promise.resolve(api.client.fork()), isReadyAwaited }));

  test('caBundles of webhooks, of an aggregated API and of a conversion webhook have series of their own', async () => {
    const ca = await makeCertificate({ serial: 'ca' });
    const clientConfig = { url: 'https://127.0.0.1:1/x', caBundle: base64(ca.cert) };
    const webhook = (name: string): object => ({ name, clientConfig, admissionReviewVersions: ['v1'], sideEffects: 'None', rules: [], failurePolicy: 'Ignore' });
    for (const [resource, kind] of [[resources.mutatingWebhookConfigurations, 'MutatingWebhookConfiguration'], [resources.validatingWebhookConfigurations, 'ValidatingWebhookConfiguration']] as const) {
      await api.client.create(resource, { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'hooks' }, webhooks: [webhook('a.example.org'), webhook('b.example.org')] } as KubeObject);
    }
    await api.client.create(resources.apiServices, { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.metrics.example' }, spec: { group: 'metrics.example', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, caBundle: base64(ca.cert), service: { name: 'x', namespace: 'default' } } });
    const converted = crd('things', 'Thing', 'Namespaced') as KubeObject & { spec: Record<string, unknown> };
    converted.spec['conversion'] = { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } };
    await api.client.create(resources.customResourceDefinitions, converted);
    await start({ caBundles: { enabled: true } });
    const found = (await exporter!.series('cert_exporter_ca_bundle_not_after')).map((line) => /\{(.*)\}/.exec(line)![1]!.replaceAll('"', ''));
    expect(found).toEqual([
      'kind=APIService,name=v1.metrics.example,webhook=,serialnumber=ca',
      'kind=CustomResourceDefinition,name=things.cert-manager.io,webhook=,serialnumber=ca',
      ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].flatMap((kind) => ['a', 'b'].map((name) => `kind=${kind},name=hooks,webhook=${name}.example.org,serialnumber=ca`)),
    ]);
  }, 60_000);

  test('Certificates: before cert-manager is there, never issued, issued, failing, and whose issuer it is', async () => {
    await start({ certificates: { enabled: true } });
    expect(await exporter!.series('cert_exporter_source_up')).toEqual(['cert_exporter_source_up{source="certificates"} 0']);
    expect((await exporter!.series('cert_exporter_source_errors_total'))[0]).toContain('kind_not_installed');
    for (const [plural, kind, scope] of [['certificates', 'Certificate', 'Namespaced'], ['issuers', 'Issuer', 'Namespaced'], ['clusterissuers', 'ClusterIssuer', 'Cluster']] as const) await api.client.create(resources.customResourceDefinitions, crd(plural, kind, scope));
    const issuer = (labels: Record<string, string>): KubeObject => ({ apiVersion: 'cert-manager.io/v1', kind: 'ClusterIssuer', metadata: { name: 'platform', labels } });
    const certificate = (name: string, issuerRef: object): KubeObject => ({ apiVersion: 'cert-manager.io/v1', kind: 'Certificate', metadata: { name, namespace: 'default' }, spec: { issuerRef } });
    const eventually = async (attempt: () => Promise<unknown>): Promise<void> => {
      for (let left = 100; ; left--) {
        try {
          return void (await attempt());
        } catch (error) {
          if (left === 0) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    };
    await eventually(() => api.client.create(resources.clusterIssuers, issuer({ 'giantswarm.io/service-type': 'managed' })));
    await eventually(() => api.client.create(resources.certificates, certificate('never', { name: 'gone', kind: 'Issuer' })));
    const issued = await api.client.create(resources.certificates, certificate('web', { name: 'platform', kind: 'ClusterIssuer' }));
    await api.client.replace(resources.certificates, { ...issued, status: {
      notAfter: '2027-01-01T00:00:00Z', notBefore: '2026-01-01T00:00:00Z', renewalTime: '2026-12-01T00:00:00Z', failedIssuanceAttempts: 3, conditions: [{ type: 'Ready', status: 'True' }],
    } } as KubeObject, { subresource: 'status' });
    const labels = (name: string, ref: string, managed: string): string => `{name="${name}",namespace="default",issuer_ref="${ref}",managed_issuer="${managed}"}`;
    await exporter!.until('cert_exporter_certificate_ready', (lines) => JSON.stringify(lines) === JSON.stringify([
      `cert_exporter_certificate_ready${labels('never', 'gone', '')} 0`, `cert_exporter_certificate_ready${labels('web', 'platform', 'true')} 1`,
    ]));
    expect(await exporter!.series('cert_exporter_certificate_cr_not_after')).toEqual([`cert_exporter_certificate_cr_not_after${labels('web', 'platform', 'true')} 1798761600`]);
    expect(await exporter!.series('cert_exporter_certificate_renewal_time')).toEqual([`cert_exporter_certificate_renewal_time${labels('web', 'platform', 'true')} 1796083200`]);
    expect(await exporter!.series('cert_exporter_certificate_failed_attempts')).toContain(`cert_exporter_certificate_failed_attempts${labels('web', 'platform', 'true')} 3`);
    await api.client.patch(resources.clusterIssuers, { name: 'platform' }, { type: 'merge', body: { metadata: { labels: { 'giantswarm.io/service-type': null } } } });
    await exporter!.until('cert_exporter_certificate_ready', (lines) => lines.includes(`cert_exporter_certificate_ready${labels('web', 'platform', 'false')} 1`));
  }, 120_000);
});
