/**
 * A fleet that changes all the time, and nobody is paged: clusters are made, upgraded, deleted; API servers, and one of each
 * pair of watchers, are away for less than an alert waits. KEELSON_SOAK_MINUTES says for how long; five unless said otherwise.
 * Then a fault: it pages, so the silence before was not deafness.
 */
import { apiServerNeeds } from '../../fixtures/api-server.ts';
import { seeded } from '../../fixtures/seeded.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { clusterObject } from './operator.ts';
import { withinMs } from './pace.ts';
import { until } from './processes.ts';
import { startWatchedFleet, type WatchedFleet } from './watched-fleet.ts';

const minutes = Number(process.env['KEELSON_SOAK_MINUTES'] ?? 5);
const seed = Number(process.env['KEELSON_SOAK_SEED'] ?? Date.now() % 1_000_000);
/** Two that stay, and at most two that come and go. */
const atMost = 4;
const seconds = (n: number) => new Promise((resolve) => setTimeout(resolve, n * 1000));
const now = (): string => new Date().toISOString();

describeWith({ tools: [...apiServerNeeds.tools, 'prometheus', 'alertmanager'] }, `a fleet that changes for ${minutes} minutes (seed ${seed})`, () => {
  const random = seeded(seed);
  const done = new Map<string, number>();
  let fleet: WatchedFleet;
  let receiver: WatchedFleet['receiver'];
  let clusters: WatchedFleet['clusters'];
  let operator: WatchedFleet['operator'];
  let management: WatchedFleet['management'];
  let made = 0;

  beforeAll(async () => {
    fleet = await startWatchedFleet({ stays: {}, victim: {} });
    ({ receiver, clusters, operator, management } = fleet);
  }, 300_000);
  afterAll(() => fleet?.stop(), 60_000);

  const guests = (): string[] => [...clusters.keys()].filter((name) => name.startsWith('guest'));

  /** What happens to fleets, each as long as it may. */
  const events: Record<string, () => Promise<void>> = {
    async create() {
      if (clusters.size >= atMost) return;
      const name = `guest-${(made += 1)}`;
      // It is known before anything of it answers.
      operator.fleet.set(name, clusterObject(name, { creationTimestamp: now(), isAvailable: false, since: now() }));
      await seconds(6);
      await fleet.add(name);
      operator.fleet.set(name, clusterObject(name, { creationTimestamp: now(), since: now() }));
      await management.watch([...clusters.values()]);
    },
    async upgrade() {
      const name = guests()[0];
      const cluster = name === undefined ? undefined : clusters.get(name);
      if (name === undefined || !cluster) return;
      operator.fleet.set(name, clusterObject(name, { isRollingOut: true, since: now() }));
      await seconds(4);
      // Its Prometheus moves to another node, and its API server is away longer than a page waits.
      await cluster.prometheus.kill();
      cluster.way.inject({ fault: { kind: 'status', status: 503 }, times: Infinity });
      await seconds(15);
      cluster.way.heal();
      cluster.prometheus.start();
      await seconds(6);
      operator.fleet.set(name, clusterObject(name, { since: now() }));
    },
    async delete() {
      const name = guests()[0];
      const cluster = name === undefined ? undefined : clusters.get(name);
      if (name === undefined || !cluster) return;
      operator.fleet.set(name, clusterObject(name, { deletionTimestamp: now() }));
      // The operator takes the ScrapeConfig away with the first look at a Cluster that is being deleted.
      clusters.delete(name);
      await management.watch([...clusters.values()]);
      await seconds(4);
      await cluster.stop();
      await seconds(12);
      operator.fleet.delete(name);
    },
    async 'short silence of an API server'() {
      const { way } = clusters.get('stays')!;
      way.inject({ fault: { kind: 'halfOpen', afterBytes: 0 }, times: Infinity });
      await seconds(3);
      way.heal();
      way.resetAll();
    },
    async 'restart of a Prometheus of the pair'() {
      await management.prometheus[0].kill();
      await seconds(3);
      management.prometheus[0].start();
    },
    async 'restart of an Alertmanager'() {
      await management.alertmanagers[1].kill();
      await seconds(3);
      management.alertmanagers[1].start();
    },
    async "restart of a cluster's Prometheus"() {
      const { prometheus } = clusters.get('stays')!;
      await prometheus.kill();
      await seconds(2);
      prometheus.start();
    },
  };

  test('nobody is paged', async () => {
    const endsAt = Date.now() + minutes * 60_000;
    while (Date.now() < endsAt) {
      const names = Object.keys(events);
      const name = names[Math.floor(random() * names.length)] ?? 'create';
      await events[name]?.();
      done.set(name, (done.get(name) ?? 0) + 1);
      await seconds(3 + random() * 5);
    }
    console.log(`seed ${seed}: ${[...done].map(([name, times]) => `${times} × ${name}`).join(', ')}; ${receiver.told.length} messages`);
    expect(receiver.firedSince(0)).toEqual([]);
  }, minutes * 60_000 + 240_000);

  test('and a fault does page', async () => {
    await clusters.get('victim')!.prometheus.kill();
    await until('the page', () => receiver.of('ClusterPrometheusDown', 'victim', 'firing')[0], withinMs('ClusterPrometheusDown'));
  }, 120_000);
});
