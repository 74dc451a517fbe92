/**
 * The watcher under attack, with real programs: five clusters behind a real API server, two Prometheus and two
 * Alertmanagers over them, a person's receiver. Each fault leads to its page, once, in time, with links that lead
 * somewhere, and ends with the repair.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fleetBoards } from '../../../dashboards/boards.ts';
import { federationPath } from '../../../monitoring/federation.ts';
import { resources } from '../../../provisioner/kube/resources.ts';
import { apiServerNeeds } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import type { WorkloadCluster } from './cluster.ts';
import { withinMs } from './pace.ts';
import { until } from './processes.ts';
import { query } from './query.ts';
import type { Told } from './receiver.ts';
import { startWatchedFleet, type WatchedFleet } from './watched-fleet.ts';

const names = ['killed', 'cut', 'frozen', 'silent', 'liar'] as const;
type Name = (typeof names)[number];
/** For ends and second messages, which promise no time. */
const patienceMs = 60_000;
/** What the liar records in the name of another. */
const forged = [{ record: 'keelson:net_node_blame:ratio', expr: 'vector(1)', labels: { fault: 'unreachable', node: 'n1', zone: 'z', cluster_id: 'killed', organization: 'killed', environment: 'staging', exported_cluster_id: 'killed' } }];

describeWith({ tools: [...apiServerNeeds.tools, 'prometheus', 'alertmanager'] }, 'five clusters, one of which is a liar, and a pair that watches them', () => {
  let fleet: WatchedFleet;
  let receiver: WatchedFleet['receiver'];
  let management: WatchedFleet['management'];
  const cluster = (name: Name): WorkloadCluster => fleet.clusters.get(name)!;

  beforeAll(async () => {
    fleet = await startWatchedFleet(Object.fromEntries(names.map((name) => [name, name === 'liar' ? { forged } : {}])));
    ({ receiver, management } = fleet);
  }, 300_000);
  afterAll(() => fleet?.stop(), 60_000);

  const heard = (): string => receiver.told.map(({ labels, status }) => `${status} ${labels['alertname']} ${labels['cluster_id']}`).join(', ');
  const pageOf = (alert: string, name: Name, since = 0): Promise<Told> => until(`${alert} of ${name}; told: ${heard()}`, () => receiver.of(alert, name, 'firing').find(({ at }) => at >= since), withinMs(alert));
  const endOf = (alert: string, name: Name, since = 0): Promise<Told> => until(`the end of ${alert} of ${name}; told: ${heard()}`, () => receiver.of(alert, name, 'resolved').find(({ at }) => at >= since), patienceMs);
  const settle = (ms = 8000) => new Promise((resolve) => setTimeout(resolve, ms));
  const report = (what: string, begun: number, told: readonly Told[]): void => console.log(`${what}: ${told.map(({ at, labels }) => `${labels['alertname']} ${labels['cluster_id']} after ${((at - begun) / 1000).toFixed(1)} s of ${(withinMs(labels['alertname'] ?? '') / 1000).toFixed(1)} s`).join('; ')}`);

  test('forged identity: the page names the cluster that lied, and nobody else', async () => {
    const { labels, annotations } = await pageOf('NodeUnreachable', 'liar');
    expect(labels).toMatchObject({ cluster_id: 'liar', organization: 'liar', environment: 'production', node: 'n1' });
    expect(Object.keys(labels).filter((label) => label.startsWith('exported_'))).toEqual([]);
    expect(annotations['summary']).toContain('liar');
    expectLinks(annotations, 'liar');
    expect(receiver.of('NodeUnreachable', 'killed', 'firing')).toEqual([]);
    await settle();
    expect(receiver.firedSince(0)).toEqual(['NodeUnreachable liar']);
  }, 120_000);

  const faults = [['ClusterPrometheusDown', 'killed'], ['ClusterPrometheusDown', 'frozen'], ['FederationPathDown', 'cut'], ['ClusterApiDown', 'silent']] as const;

  test('a Prometheus that is killed, one that is frozen, a way that is cut, an API that is silent: four faults, four pages, each once and in time', async () => {
    const begun = Date.now();
    await cluster('killed').prometheus.kill();
    cluster('frozen').prometheus.freeze();
    cluster('cut').way.inject({ fault: { kind: 'status', status: 503 }, times: Infinity, when: ({ url }) => url.startsWith(federationPath('cut')) });
    cluster('silent').way.inject({ fault: { kind: 'halfOpen', afterBytes: 0 }, times: Infinity });
    const told = await Promise.all(faults.map(([alert, name]) => pageOf(alert, name, begun)));
    for (const { labels, annotations } of told) {
      expect(annotations['summary']).toContain(labels['cluster_id']);
      expectLinks(annotations, labels['cluster_id'] ?? '');
    }
    await settle();
    expect(receiver.firedSince(begun)).toEqual(faults.map((page) => page.join(' ')).sort());
    report('from fault to receiver', begun, told);
  }, 180_000);

  test('after repair each ends', async () => {
    const begun = Date.now();
    cluster('killed').prometheus.start();
    cluster('frozen').prometheus.thaw();
    cluster('cut').way.heal();
    cluster('silent').way.heal();
    cluster('silent').way.resetAll();
    for (const [alert, name] of faults) await endOf(alert, name, begun);
    expect(receiver.firedSince(begun)).toEqual([]);
  }, 240_000);

  test('one of each pair dies: what fires is told once, what is new is told once, and nothing ends that has not', async () => {
    const begun = Date.now();
    await management.prometheus[0].kill();
    await management.alertmanagers[1].kill();
    await settle();
    const second = Date.now();
    await cluster('killed').prometheus.kill();
    report('with one of each pair', second, [await pageOf('ClusterPrometheusDown', 'killed', second)]);
    await settle();
    management.prometheus[0].start();
    management.alertmanagers[1].start();
    await settle(15_000);
    expect(receiver.firedSince(begun)).toEqual(['ClusterPrometheusDown killed']);
    expect(receiver.told.filter(({ at, status, labels }) => at >= begun && status === 'resolved' && labels['alertname'] === 'NodeUnreachable')).toEqual([]);
    cluster('killed').prometheus.start();
    await endOf('ClusterPrometheusDown', 'killed', second);
  }, 240_000);

  test('both of the pair see the same again', async () => {
    const [first = 0, other = 0] = await Promise.all(management.prometheusUrls.map((url) => until('all series are there again', async () => {
      const [found] = await query(url, 'count({__name__=~"keelson:.+"})');
      const clustersSeen = (await query(url, 'count(keelson:heartbeat_timestamp:max)'))[0]?.value;
      return clustersSeen === names.length ? found?.value : undefined;
    })));
    expect(Math.abs(first - other)).toBeLessThanOrEqual(0.1 * first);
  }, 120_000);

  test('of a liar that lies no more the page ends, and stays so', async () => {
    const begun = Date.now();
    const { prometheus, forge } = cluster('liar');
    await forge([]);
    // Read again, not started again: what ends with a killed Prometheus is federated for five minutes more.
    prometheus.reload();
    await endOf('NodeUnreachable', 'liar', begun);
    await settle();
    expect(receiver.firedSince(begun)).toEqual([]);
  }, 120_000);

  test('the token of a reader that was taken back opens nothing more', async () => {
    const begun = Date.now();
    await fleet.api.client.delete(resources.serviceAccounts, { namespace: 'cut', name: 'keelson-federation-reader' });
    // The API server remembers a token that it has judged for up to ten seconds.
    await until('the page of the path', () => receiver.of('FederationPathDown', 'cut', 'firing').find(({ at }) => at >= begun), withinMs('FederationPathDown') + 12_000);
  }, 120_000);
});

/** The runbook is a page of the docs; the board is one of ours, with the cluster chosen. */
function expectLinks({ runbook_url: runbook = '', board_url: board = '' }: Readonly<Record<string, string>>, name: string): void {
  const [, page = ''] = /^https:\/\/runbooks\.example\/(.+)$/.exec(runbook) ?? [];
  expect([page, existsSync(join(import.meta.dirname, '../../../docs/runbooks', page))]).toEqual([page, page !== '']);
  const [, uid, chosen] = /^https:\/\/boards\.example\/d\/([^?]+)\?var-cluster=(.+)$/.exec(board) ?? [];
  expect(fleetBoards.map((build) => build().uid)).toContain(uid);
  expect(chosen).toBe(name);
}
