/** The whole exporter: peers from a real API server behind a proxy that fails, its exposition before Prometheus's own tool, its pages. */
import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { catalogue } from '../../../exporters/net/catalogue.ts';
import { KubeClient } from '../../../provisioner/kube/client.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import type { KubeObject } from '../../../provisioner/kube/types.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { isWatch, startFaultyProxy, type FaultyProxy } from '../../fixtures/faulty-proxy.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { startWith, type Running } from './running-exporter.ts';

const namespace = 'default';
/** EndpointSlices may not name loopback addresses. */
const address = Object.values(networkInterfaces()).flat().find((one) => one?.internal === false && one.family === 'IPv4')?.address ?? 'this machine has no IPv4 address but loopback';
const nodesOf = (series: readonly string[]): string[] => [...new Set(series.map((line) => /peer_node="([^"]*)"/.exec(line)?.[1] ?? ''))].sort();

interface Endpoint {
  readonly node: string;
  readonly zone: string;
  readonly address: string;
  readonly conditions?: object;
}

function slice(endpoints: readonly Endpoint[], addressType: 'IPv4' | 'IPv6' = 'IPv4'): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: `net-exporter-${addressType.toLowerCase()}`, namespace, labels: { 'kubernetes.io/service-name': 'net-exporter' } }, addressType,
    ports: [{ name: 'http', port: 8000, protocol: 'TCP' }],
    endpoints: endpoints.map(({ node, zone, address, conditions = { ready: true, serving: true, terminating: false } }) => ({ addresses: [address], nodeName: node, zone, conditions, targetRef: { kind: 'Pod', name: `pod-${node}`, namespace } })),
  };
}

describeWith({ tools: [...apiServerNeeds.tools, 'promtool'] }, 'net-exporter with the EndpointSlices of an API server', () => {
  let api: ApiServer;
  let proxy: FaultyProxy;
  let other: Running;
  let exporter: Running;
  const me: Endpoint = { node: 'a1', zone: 'a', address };
  const peer = (node: string, over: Partial<Endpoint> = {}): Endpoint => ({ node, zone: node[0]!, address, ...over });
  const say = (...endpoints: Endpoint[]): Promise<unknown> => api.client.apply(resources.endpointSlices, slice([me, ...endpoints]), { fieldManager: 'test', force: true });

  /** Nobody answers at 100::/64 (RFC 6666), with and without a route to it. */
  const saySilent = (...endpoints: Endpoint[]): Promise<unknown> => api.client.apply(resources.endpointSlices, slice(endpoints.map((one) => ({ ...one, address: '100::1' })), 'IPv6'), { fieldManager: 'test', force: true });

  beforeAll(async () => {
    api = await startApiServer();
    proxy = await startFaultyProxy(api);
    other = await startWith({ address: `${address}:0`, node: { name: 'b1', zone: 'b' }, mesh: { enabled: false, udpPort: await freePort() } });
    await say(peer('a2'), peer('b1'));
    exporter = await startWith({
      intervalSeconds: 1, address: '127.0.0.1:0', node: { name: 'a1' }, mesh: { namespace, port: other.http, udpPort: other.udp, timeoutSeconds: 0.2, spacingMs: 5 }, targets: [{ type: 'http', name: 'other', url: `http://${address}:${other.http}/healthz`, timeoutSeconds: 1 }],
    }, { client: () => Promise.resolve(new KubeClient({ server: proxy.url, ca: api.ca.cert, token: () => Promise.resolve(api.adminToken), userAgent: 'test' })) });
  }, 120_000);
  afterAll(async () => {
    await Promise.all([exporter?.stop(), other?.stop()]);
    await proxy?.stop();
    await api?.stop();
  }, 60_000);

  test('its zone and its peers come from there; of itself there is no series', async () => {
    const up = await exporter.until('net_exporter_peer_up', (series) => series.length === 2 && series.every((line) => line.endsWith(' 1')));
    expect(nodesOf(up)).toEqual(['a2', 'b1']);
    expect(up[0]).toContain('source_node="a1",source_zone="a"');
    await exporter.until('net_exporter_source_up', (series) => series[0] === 'net_exporter_source_up{source="peers"} 1');
  }, 60_000);

  test('a peer that goes takes its series along; one that terminates or is not ready is no error', async () => {
    await say(peer('b1'), peer('a3', { conditions: { ready: false, serving: true, terminating: true } }), peer('c1', { conditions: { ready: false, serving: false, terminating: false } }));
    for (const family of ['net_exporter_peer_up', 'net_exporter_peer_loss_ratio', 'net_exporter_peer_last_success_timestamp_seconds']) await exporter.until(family, (series) => nodesOf(series).join() === 'b1');
    expect(await exporter.series('net_exporter_zone_datagrams_sent_total')).not.toContainEqual(expect.stringContaining('peer_zone="a"'));
    expect((await exporter.series('network_latency_seconds_count')).length).toBe(1);
  }, 60_000);

  test('a peer that failed before it was not ready stays watched until it is gone', async () => {
    await saySilent(peer('c1'));
    await exporter.until('net_exporter_peer_up', (series) => series.some((line) => line.includes('peer_node="c1"') && line.endsWith(' 0')));
    await saySilent(peer('c1', { conditions: { ready: false, serving: false, terminating: false } }));
    const before = Number((await exporter.series('net_exporter_probe_last_round_timestamp_seconds')).find((line) => line.includes('mesh'))?.split(' ')[1]);
    await exporter.until('net_exporter_probe_last_round_timestamp_seconds', (series) => Number(series.find((line) => line.includes('mesh'))?.split(' ')[1]) > before + 2);
    expect(await exporter.series('net_exporter_peer_up')).toContainEqual(expect.stringMatching(/peer_node="c1".* 0$/));
    expect(await exporter.series('net_exporter_verdict')).toContainEqual(expect.stringContaining('verdict="peer_down",subject="c1"'));
    await saySilent();
    await exporter.until('net_exporter_peer_up', (series) => nodesOf(series).join() === 'b1');
  }, 60_000);

  test('what the API server answers wrong is overcome: the peers are true again in the end', async () => {
    proxy.inject({ fault: { kind: 'status', status: 410 }, times: 1, when: isWatch });
    proxy.inject({ fault: { kind: 'status', status: 500 }, times: 1 });
    proxy.resetAll();
    await say(peer('b1'), peer('a2'), peer('c1'));
    await exporter.until('net_exporter_peer_up', (series) => nodesOf(series).join() === 'a2,b1,c1');
    expect(proxy.struck).toBeGreaterThan(0);
    expect((await exporter.series('net_exporter_source_errors_total')).join()).toContain('reason="list_or_watch_failed"');
  }, 60_000);

  test('its exposition gives promtool nothing to complain about, and has nothing that the catalogue has not', async () => {
    const { text } = await exporter.get('/metrics');
    const { status, stderr, stdout } = spawnSync(join(toolsBin, 'promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ status, output: (stdout + stderr).trim() }).toEqual({ status: 0, output: '' });
    const known = new Set(catalogue.map(({ name }) => name));
    const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name).filter((name) => !/^(process|nodejs)_/.test(name));
    expect(families.filter((name) => !known.has(name))).toEqual([]);
    expect(families).toContain('network_latency_seconds');
  });

  test('rows and the matrix: of the peers, those that answer for themselves', async () => {
    const row = JSON.parse((await exporter.get('/row')).text) as { node: string; zone: string; cells: { node: string }[] };
    expect([row.node, row.zone, row.cells.map(({ node }) => node).sort()]).toEqual(['a1', 'a', ['a2', 'b1', 'c1']]);
    // All peers are one process here, which says that it is b1.
    const matrix = JSON.parse((await exporter.get('/matrix?format=json')).text) as { rows: { node: string }[]; missing: { node: string }[] };
    expect([matrix.rows.map(({ node }) => node), matrix.missing.map(({ node }) => node)]).toEqual([['a1', 'b1'], ['a2', 'c1']]);
    const page = await exporter.get('/matrix');
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('data-from="a1" data-to="b1"');
    expect((await exporter.get('/')).text).toContain('<td>b1</td>');
  });
});
