/** Secrets and ConfigMaps in a real API server, behind a proxy that fails on demand. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepData } from '../../../exporters/cert/sources/data.ts';
import { certificateFamilies } from '../../../exporters/cert/catalogue.ts';
import { SeriesStore } from '../../../exporters/core/store.ts';
import { KubeClient } from '../../../provisioner/kube/client.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { isList, isWatch, startFaultyProxy, type FaultyProxy } from '../../fixtures/faulty-proxy.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { FakeClock } from '../core/fake-clock.ts';
import { makeCertificate } from './make-certificate.ts';
import { startWith, type Running } from './running-exporter.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const tlsSecret = (name: string, { cert, key }: { cert: string; key: string }, over: { namespace?: string; ca?: string; certificateName?: string } = {}): KubeObject => ({
  apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/tls',
  metadata: { name, namespace: over.namespace ?? 'default', ...(over.certificateName && { annotations: { 'cert-manager.io/certificate-name': over.certificateName } }) },
  data: { 'tls.crt': base64(cert), 'tls.key': base64(key), ...(over.ca && { 'ca.crt': base64(over.ca) }) },
});
const notAfter = 'cert_exporter_secret_not_after';

describeWith({ ...apiServerNeeds, commands: ['openssl'] }, 'Secrets of a real API server', () => {
  let api: ApiServer;
  let exporter: Running | undefined;
  beforeAll(async () => {
    api = await startApiServer();
    for (const [name, team] of [['kube-system', 'x'], ['other', 'a']] as const) await api.client.apply(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { team } } }, { fieldManager: 'test', force: true });
  }, 150_000);
  afterAll(() => api?.stop());
  afterEach(async () => {
    await exporter?.stop();
    exporter = undefined;
    for (const resource of [resources.secrets, resources.configMaps]) {
      for (const namespace of ['default', 'kube-system', 'other']) {
        for (const { metadata } of (await api.client.list(resource, { namespace })).items) await api.client.delete(resource, { name: metadata.name, namespace });
      }
    }
  });

  const start = async (secrets: object = {}, over: object = {}): Promise<Running> => (exporter = await startWith({ config: { secrets: { enabled: true, ...secrets }, ...over }, client: () => Promise.resolve(api.client.fork()) }));
  const up = async (): Promise<string | undefined> => (await exporter!.series('cert_exporter_source_up')).find((line) => line.includes('secrets'))?.split(' ').at(-1);

  test('a TLS Secret has a series per certificate with the labels of the exporter it replaces', async () => {
    const [leaf, ca] = [await makeCertificate({ serial: '0b' }), await makeCertificate({ serial: 'ca' })];
    await api.client.create(resources.secrets, tlsSecret('web', leaf, { ca: ca.cert, certificateName: 'web-cert' }));
    await start();
    expect(await exporter!.series(notAfter)).toEqual([
      'cert_exporter_secret_not_after{name="web",namespace="default",secretkey="ca.crt",certificatename="web-cert",serialnumber="ca"} 1798761600',
      'cert_exporter_secret_not_after{name="web",namespace="default",secretkey="tls.crt",certificatename="web-cert",serialnumber="b"} 1798761600',
    ]);
  }, 30_000);

  test('other Secrets are neither listed nor counted', async () => {
    const pair = await makeCertificate();
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name: 'opaque', namespace: 'default' }, data: { 'tls.crt': base64(pair.cert) } });
    await api.client.create(resources.secrets, tlsSecret('web', pair));
    await start();
    expect(await exporter!.series(notAfter)).toHaveLength(1);
    expect(await exporter!.series('cert_exporter_source_objects')).toEqual(['cert_exporter_source_objects{source="secrets"} 1']);
  }, 30_000);

  test('renewal, deletion, creation and another type show without another list', async () => {
    const [first, second] = [await makeCertificate({ serial: '01' }), await makeCertificate({ serial: '02' })];
    await api.client.create(resources.secrets, tlsSecret('a', first));
    const { until } = await start();
    await until(notAfter, (series) => series.length === 1);
    await api.client.patch(resources.secrets, { name: 'a', namespace: 'default' }, { type: 'merge', body: { data: tlsSecret('a', second)['data'] } });
    await until(notAfter, ([line]) => line?.includes('serialnumber="2"') === true);
    await api.client.create(resources.secrets, tlsSecret('b', first));
    await until(notAfter, (series) => series.length === 2);
    await api.client.delete(resources.secrets, { name: 'a', namespace: 'default' });
    await api.client.create(resources.secrets, { ...tlsSecret('a', second), type: 'Opaque' });
    await until(notAfter, (series) => series.length === 1 && series[0]!.includes('name="b"'));
  }, 60_000);

  test('named namespaces are all that is read; selected ones come and go with their labels', async () => {
    const pair = await makeCertificate();
    for (const namespace of ['default', 'kube-system', 'other']) await api.client.create(resources.secrets, tlsSecret('web', pair, { namespace }));
    await start({ namespaces: ['kube-system', 'other'] });
    expect((await exporter!.series(notAfter)).map((line) => /namespace="([^"]+)"/.exec(line)?.[1])).toEqual(['kube-system', 'other']);
    await exporter!.stop();
    const { until } = await start({ namespaceSelector: 'team=a' });
    await until(notAfter, (series) => series.length === 1 && series[0]!.includes('namespace="other"'));
    await api.client.patch(resources.namespaces, { name: 'kube-system' }, { type: 'merge', body: { metadata: { labels: { team: 'a' } } } });
    await until(notAfter, (series) => series.length === 2);
    await api.client.patch(resources.namespaces, { name: 'kube-system' }, { type: 'merge', body: { metadata: { labels: { team: 'x' } } } });
    await until(notAfter, (series) => series.length === 1);
  }, 60_000);

  test('any type and key by configuration, keystores with the passphrase of another key, ConfigMaps beside', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keystores-'));
    const pair = await makeCertificate({ serial: 'c0' });
    writeFileSync(join(folder, 'pair.pem'), pair.cert + pair.key);
    execFileSync('openssl', ['pkcs12', '-export', '-in', join(folder, 'pair.pem'), '-out', join(folder, 'a.p12'), '-passout', 'pass:letmein']);
    const p12 = readFileSync(join(folder, 'a.p12')).toString('base64');
    rmSync(folder, { recursive: true });
    await api.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name: 'store', namespace: 'default' }, data: { 'keystore.p12': p12, password: base64('letmein\n') } });
    await api.client.create(resources.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'trust', namespace: 'default' }, data: { 'ca.crt': pair.cert, note: 'none' }, binaryData: { 'x.pem': base64(pair.cert) } });
    const { until } = await start({ types: ['*'], keys: ['*.p12', 'tls.crt'], passphrases: [{ key: '*.p12', passphraseKey: 'password' }] }, { configMaps: { enabled: true } });
    await until(notAfter, (series) => series.length === 1 && series[0]!.includes('secretkey="keystore.p12",certificatename="",serialnumber="c0"'));
    await until('cert_exporter_configmap_not_after', (series) => series.length === 2);
    await api.client.patch(resources.secrets, { name: 'store', namespace: 'default' }, { type: 'merge', body: { data: { password: base64('wrong') } } });
    await until('cert_exporter_source_errors_total', (series) => series.some((line) => line.includes('bad_passphrase')));
    await api.client.delete(resources.secrets, { name: 'store', namespace: 'default' });
    await until(notAfter, (series) => series.length === 0);
  }, 60_000);

  test('a Secret without a certificate is counted, not fatal', async () => {
    await api.client.create(resources.secrets, tlsSecret('empty', { cert: '', key: '' }));
    await api.client.create(resources.secrets, tlsSecret('web', await makeCertificate()));
    await start();
    expect(await exporter!.series(notAfter)).toHaveLength(1);
    expect(await exporter!.series('cert_exporter_source_errors_total')).toEqual(['cert_exporter_source_errors_total{source="secrets",reason="no_certificate"} 1']);
  }, 30_000);

  test('while the API server is gone the series stay and the source is down; then it is up again', async () => {
    await api.client.create(resources.secrets, tlsSecret('web', await makeCertificate()));
    const { until } = await start();
    expect(await up()).toBe('1');
    await api.kill();
    await until('cert_exporter_source_up', ([line]) => line?.endsWith(' 0') === true);
    expect(await exporter!.series(notAfter)).toHaveLength(1);
    await api.start();
    await api.client.create(resources.secrets, tlsSecret('later', await makeCertificate()));
    await until(notAfter, (series) => series.length === 2);
    await until('cert_exporter_source_up', ([line]) => line?.endsWith(' 1') === true);
  }, 150_000);

  test('without the right to list, the source says so and is not ready', async () => {
    exporter = await startWith({
      config: { secrets: { enabled: true } }, isReadyAwaited: false,
      client: () => Promise.resolve(new KubeClient({ server: api.url, ca: api.ca.cert, token: () => Promise.resolve(api.nobodyToken), userAgent: 'test' })),
    });
    await exporter.until('cert_exporter_source_errors_total', (series) => series.some((line) => line.includes('list_or_watch_failed')));
    const ready = await exporter.get('/readyz');
    expect([ready.status, ready.text]).toEqual([503, expect.stringContaining('secrets')]);
  }, 30_000);
});

describeWith(apiServerNeeds, 'Secrets through a network that fails', () => {
  let api: ApiServer;
  let proxy: FaultyProxy;
  let exporter: Running;
  const names = new Set<string>();
  beforeAll(async () => {
    api = await startApiServer();
    proxy = await startFaultyProxy(api);
  }, 150_000);
  afterAll(async () => {
    await exporter?.stop();
    await proxy?.stop();
    await api?.stop();
  });

  /** What is in the API server, as the exporter should show it. */
  const agree = async (): Promise<void> => {
    const { items } = await api.client.list<KubeObject>(resources.secrets, { fieldSelector: 'type=kubernetes.io/tls' });
    const wanted = items.map(({ metadata }) => metadata.name).sort();
    await exporter.until(notAfter, (series) => JSON.stringify(series.map((line) => /name="([^"]+)"/.exec(line)![1]).sort()) === JSON.stringify(wanted));
  };

  test('2,000 Secrets at once, in pages and by watch, over 410, 429, 500, resets and half-open connections: none is lost', async () => {
    const pair = await makeCertificate();
    const create = async (from: number, to: number): Promise<void> => {
      for (let at = from; at < to; at += 50) await Promise.all(Array.from({ length: 50 }, (_, i) => api.client.create(resources.secrets, tlsSecret(`s${at + i}`, pair))));
    };
    await create(0, 1000);
    proxy.inject({ fault: { kind: 'status', status: 500 }, when: isList });
    proxy.inject({ fault: { kind: 'status', status: 429, headers: { 'retry-after': '1' } }, when: isList });
    proxy.inject({ fault: { kind: 'reset', afterBytes: 20_000 }, when: isList });
    proxy.inject({ fault: { kind: 'status', status: 410 }, when: isWatch });
    exporter = await startWith({
      config: { secrets: { enabled: true }, families: { notBefore: false, info: false } },
      client: () => Promise.resolve(new KubeClient({ server: proxy.url, ca: api.ca.cert, token: () => Promise.resolve(api.adminToken), userAgent: 'test', timeoutMs: 5000 })),
    });
    await agree();
    await create(1000, 2000);
    await agree();
    expect(proxy.struck).toBe(4);
    proxy.resetAll();
    for (let i = 0; i < 100; i++) await api.client.delete(resources.secrets, { name: `s${i}`, namespace: 'default' });
    await agree();
    await api.kill();
    await api.start();
    await api.compact();
    await api.client.create(resources.secrets, tlsSecret('after-compaction', pair));
    names.add('after-compaction');
    await agree();
    const lists = proxy.requests.filter(isList).length;
    for (let i = 0; i < 20; i++) await exporter.get('/metrics');
    expect(proxy.requests.filter(isList).length).toBe(lists);
  }, 240_000);
});

test('nothing of a key survives what is kept of a Secret', async () => {
  const { cert, key } = await makeCertificate();
  const secret = tlsSecret('web', { cert, key }, { ca: cert });
  secret.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(secret) };
  const store = new SeriesStore(certificateFamilies, new FakeClock());
  const kept = JSON.stringify(keepData(structuredClone(secret), { store, keys: ['ca.crt', 'tls.crt'], passphrases: [], passphraseIn: () => undefined, wantsLeaf: () => true, onKeystore: () => undefined }));
  expect(kept).toContain(' 1798761600');
  for (const forbidden of ['tls.key', base64(key), base64(key).slice(60, 120), key.split('\n')[1]!, 'last-applied']) expect(kept).not.toContain(forbidden);
});
