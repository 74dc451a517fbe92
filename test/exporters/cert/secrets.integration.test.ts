import { healthFamilies, certificateFamilies } from '../../../exporters/cert/catalogue.ts';
import { SecretsSource, withoutKeys } from '../../../exporters/cert/sources/secrets.ts';
import { systemClock } from '../../../exporters/core/clock.ts';
import { SelfMetrics } from '../../../exporters/core/self-metrics.ts';
import { SourceHealth, sourceMetrics } from '../../../exporters/core/source-health.ts';
import { SeriesStore } from '../../../exporters/core/store.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { makeCertificate } from './make-certificate.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const tlsSecret = (name: string, { cert, key }: { cert: string; key: string }, over: { namespace?: string; ca?: string; certificateName?: string } = {}): KubeObject => ({
  apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls',
  metadata: { name, namespace: over.namespace ?? 'default', ...(over.certificateName && { annotations: { 'cert-manager.io/certificate-name': over.certificateName } }) },
  data: { 'tls.crt': base64(cert), 'tls.key': base64(key), ...(over.ca && { 'ca.crt': base64(over.ca) }) },
});

describeWith(apiServerNeeds, 'SecretsSource', () => {
  let api: ApiServer;
  let stop: AbortController;
  let done: Promise<void>;
  beforeAll(async () => {
    api = await startApiServer();
    for (const name of ['kube-system', 'other']) await api.client.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { fieldManager: 'test' });
  }, 150_000);
  afterAll(() => api?.stop());
  beforeEach(() => void (stop = new AbortController()));
  afterEach(async () => {
    stop.abort();
    await done;
    for (const namespace of ['default', 'kube-system', 'other']) {
      for (const { metadata } of (await api.client.list(resources.secrets, { namespace })).items) await api.client.delete(resources.secrets, { name: metadata.name, namespace });
    }
  });

  const start = (namespaces: string[] = []): { source: SecretsSource; health: SourceHealth; series: () => string[]; until: (matches: (series: string[]) => boolean) => Promise<void> } => {
    const store = new SeriesStore(certificateFamilies);
    const health = new SourceHealth('secrets', sourceMetrics('cert_exporter', new SelfMetrics(healthFamilies)));
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const source = new SecretsSource({ client: api.client, namespaces, store, health, clock: systemClock, log, onSkipped: () => undefined, onCollision: () => undefined });
    done = source.run(stop.signal);
    const series = (): string[] => Buffer.concat([...store.snapshot.chunks('text')]).toString().split('\n').filter((line) => line.startsWith('cert_exporter_secret_not_after{'));
    const until = async (matches: (lines: string[]) => boolean): Promise<void> => {
      const endsAt = Date.now() + 60_000;
      while (!matches(series())) {
        if (Date.now() > endsAt) throw new Error(`series are ${series().join('\n')}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    return { source, health, series, until };
  };

  test('a TLS Secret has a series per certificate with the labels of the exporter it replaces', async () => {
    const [leaf, ca] = [await makeCertificate({ serial: '0b' }), await makeCertificate({ serial: 'ca' })];
    await api.client.create(resources.secrets, tlsSecret('web', leaf, { ca: ca.cert, certificateName: 'web-cert' }));
    const { until } = start();
    await until((series) => JSON.stringify(series) === JSON.stringify([
      'cert_exporter_secret_not_after{name="web",namespace="default",secretkey="ca.crt",certificatename="web-cert",serialnumber="ca"} 1798761600',
      'cert_exporter_secret_not_after{name="web",namespace="default",secretkey="tls.crt",certificatename="web-cert",serialnumber="b"} 1798761600',
    ]));
  });

  test('other Secrets are neither listed nor counted', async () => {
    const pair = await makeCertificate();
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name: 'opaque', namespace: 'default' }, data: { 'tls.crt': base64(pair.cert) } });
    await api.client.create(resources.secrets, tlsSecret('web', pair));
    const { source, health, until } = start();
    await until((series) => series.length === 1);
    source.check();
    expect(health.state).toMatchObject({ isUp: true, objects: 1 });
  });

  test('renewal, deletion and creation show without another list', async () => {
    const [first, second] = [await makeCertificate({ serial: '01' }), await makeCertificate({ serial: '02' })];
    await api.client.create(resources.secrets, tlsSecret('a', first));
    const { until } = start();
    await until((series) => series.length === 1);
    await api.client.patch(resources.secrets, { name: 'a', namespace: 'default' }, { type: 'merge', body: { data: tlsSecret('a', second)['data'] } });
    await until(([line]) => line?.includes('serialnumber="2"') === true);
    await api.client.create(resources.secrets, tlsSecret('b', first));
    await until((series) => series.length === 2);
    await api.client.delete(resources.secrets, { name: 'a', namespace: 'default' });
    await until((series) => series.length === 1 && series[0]!.includes('name="b"'));
  });

  test('named namespaces are all that is read', async () => {
    const pair = await makeCertificate();
    for (const namespace of ['default', 'kube-system', 'other']) await api.client.create(resources.secrets, tlsSecret('web', pair, { namespace }));
    const { until } = start(['kube-system', 'other']);
    await until((series) => series.length === 2 && series.every((line) => !line.includes('namespace="default"')));
  });

  test('a Secret without a certificate is counted, not fatal', async () => {
    await api.client.create(resources.secrets, tlsSecret('empty', { cert: '', key: '' }));
    await api.client.create(resources.secrets, tlsSecret('web', await makeCertificate()));
    const { health, until } = start();
    await until((series) => series.length === 1);
    expect(health.state.errors).toEqual({ no_certificate: 1 });
  });

  test('while the API server is gone the series stay and the source is down; then it is up again', async () => {
    await api.client.create(resources.secrets, tlsSecret('web', await makeCertificate()));
    const { source, health, series, until } = start();
    await until((lines) => lines.length === 1);
    source.check();
    expect(health.state.isUp).toBe(true);
    await api.kill();
    while (health.state.isUp) {
      source.check();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(series()).toHaveLength(1);
    await api.start();
    await api.client.create(resources.secrets, tlsSecret('later', await makeCertificate()));
    await until((lines) => lines.length === 2);
    source.check();
    expect(health.state.isUp).toBe(true);
  }, 150_000);
});

test('nothing of a key survives the transform', async () => {
  const { cert, key } = await makeCertificate();
  const secret = tlsSecret('web', { cert, key }, { ca: cert });
  secret.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(secret) };
  const kept = JSON.stringify(withoutKeys(structuredClone(secret)));
  expect(kept).toContain('"notAfter":1798761600');
  for (const forbidden of ['tls.key', base64(key), base64(key).slice(60, 120), key.split('\n')[1]!, 'last-applied']) expect(kept).not.toContain(forbidden);
});
