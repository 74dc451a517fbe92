/**
 * Two hundred clusters lose the same zone, and after that the whole cloud: at most three pages each. What one cluster of nine
 * nodes records of it is recorded by a real Prometheus, and arrives two hundred times at a real Prometheus with the rules of
 * the management side, behind which are a real Alertmanager and a receiver.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { federationJob, federationSelector } from '../../../monitoring/federation.ts';
import { fleetMetrics, probeJob } from '../../../monitoring/fleet.ts';
import { groupsFor } from '../../../monitoring/rules/index.ts';
import { renderGroups } from '../../../monitoring/rules/render.ts';
import { apiserverText, etcdText, kubeletText, netText, stateText, zoneOf } from '../../bench/monitoring/generated.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { hastenedRules, withinMs } from './pace.ts';
import { Program, until } from './processes.ts';
import { query } from './query.ts';
import { Receiver } from './receiver.ts';
import { pagesTo } from './routing.ts';

const nodes = 9;
const controlPlane = [0, 1, 2];
const fleet = 200;
const lostZone = 'a';
/** Slower than the other tests: what hides and what is hidden come minutes apart, and must not come in one second here. */
const pace = 10;
/** Longer than any page waits that nodes, members or components of a lost zone lead to: a quarter of an hour. */
const watchMs = 900_000 / pace;

describeWith({ tools: ['prometheus', 'alertmanager'] }, `${fleet} clusters of one cloud`, () => {
  const receiver = new Receiver();
  const programs: Program[] = [];
  let folder: string;
  let world: Server;
  let address: string;
  /** Of the one cluster whose records are played. */
  let isZoneLost = false;
  /** What every cluster sends, and whether its API answers. */
  let sent = '';
  let isCloudDown = false;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keelson-zone-'));
    world = createServer(({ url = '', socket }, response) => {
      const text = answer(url);
      if (text === undefined) socket.destroy();
      else response.setHeader('content-type', 'text/plain; version=0.0.4').end(text);
    });
    await new Promise<void>((resolve) => world.listen(0, '127.0.0.1', resolve));
    address = `127.0.0.1:${(world.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.kill()));
    receiver.stop();
    world.closeAllConnections();
    world.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Undefined: the connection ends. */
  function answer(url: string): string | undefined {
    const [, kind = '', node = ''] = url.split('/');
    const isLost = (one: number): boolean => isZoneLost && zoneOf(one) === lostZone;
    const ofNode: Record<string, () => string> = { net: () => netText(Number(node), nodes, isLost), kubelet: () => kubeletText(Number(node)), etcd: etcdText, apiserver: apiserverText };
    if (ofNode[kind]) return isLost(Number(node)) ? undefined : ofNode[kind]();
    if (kind === 'state') return stateText(nodes, isLost);
    if (kind === 'family') return isCloudDown ? undefined : sent.replace(/^keelson:heartbeat_timestamp:max .*$/m, `keelson:heartbeat_timestamp:max ${Date.now() / 1000}`);
    const each = (line: (i: number) => string): string => `${Array.from({ length: fleet }, (_, i) => line(i)).join('\n')}\n`;
    if (kind === probeJob) return each((i) => `${fleetMetrics.probeSuccess.name}{cluster_id="c${i}",organization="o${i % 20}",region="one"} ${isCloudDown ? 0 : 1}`);
    return each((i) => `${fleetMetrics.info.name}{cluster_id="c${i}",cluster_type="workload_cluster",organization="o${i % 20}",region="one",environment="production",phase="running",version="v1.36.3",class="openstack-v1"} 1`);
  }

  async function prometheus(name: string, config: object, rules: object, interval: string): Promise<string> {
    const port = await freePort();
    await writeFile(join(folder, `${name}-rules.yaml`), stringify(rules, { version: '1.1', aliasDuplicateObjects: false }));
    await writeFile(join(folder, `${name}.yaml`), stringify({ global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval }, rule_files: [join(folder, `${name}-rules.yaml`)], ...config }, { version: '1.1', aliasDuplicateObjects: false }));
    const program = new Program('prometheus', [`--config.file=${folder}/${name}.yaml`, `--storage.tsdb.path=${folder}/${name}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'], join(folder, `${name}.log`));
    program.start();
    programs.push(program);
    return `http://127.0.0.1:${port}`;
  }

  const federate = async (url: string): Promise<string> => (await fetch(`${url}/federate?${new URLSearchParams({ 'match[]': federationSelector }).toString()}`, { signal: AbortSignal.timeout(5000) })).text();
  /** Without what Prometheus itself says of when and where it was. */
  const played = (text: string): string => text.split('\n').filter((line) => line.startsWith('keelson:')).map((line) => line.replace(/ \d+$/, '').replaceAll(/\b(instance|job)="[^"]*",?/g, '').replace(/,}/, '}').replace('{}', '')).join('\n') + '\n';

  test('what one of them records when a zone goes', async () => {
    const ofNodes = (job_name: string, kind: string, which: readonly number[]): object => ({ job_name, static_configs: which.map((node) => ({ targets: [address], labels: { node: `node-${node}`, __metrics_path__: `/${kind}/${node}` } })), relabel_configs: [{ source_labels: ['node'], target_label: 'instance' }] });
    const all = [...Array(nodes).keys()];
    const groups = renderGroups(groupsFor('workload'), { runbookBase: '' }).groups.map(({ interval: _, ...group }) => ({ ...group, interval: '2s' }));
    const url = await prometheus('one', { scrape_configs: [ofNodes('net-exporter', 'net', all), ofNodes('kubelet', 'kubelet', all), ofNodes('etcd', 'etcd', controlPlane), ...['apiserver', 'kube-controller-manager', 'kube-scheduler'].map((job) => ofNodes(job, 'apiserver', controlPlane)), { job_name: 'kube-state-metrics', honor_labels: true, metrics_path: '/state', static_configs: [{ targets: [address] }] }] }, { groups }, '2s');
    const healthy = await until('a healthy record', async () => {
      const text = await federate(url).catch(() => '');
      return /keelson:net_nodes_unwatched:count\S* 0 /.test(text) && /keelson:control_plane_up:count\{[^}]*kube-scheduler[^}]*\} 3 /.test(text) && /keelson:nodes:count\S*ready="1"\S* 9 /.test(text) ? text : undefined;
    });
    sent = played(healthy);
    expect(sent).not.toContain('keelson:net_zone_blame:ratio');
    isZoneLost = true;
    const lost = await until('a record of the zone', async () => {
      const text = await federate(url).catch(() => '');
      return text.includes('keelson:node_not_ready:info') && text.includes('keelson:kubelet_down:info') && /keelson:net_zone_blame:ratio\{[^}]*zone="a"[^}]*\} 1 /.test(text) && /keelson:etcd_members:count\{[^}]*state="up"[^}]*\} 2 /.test(text) ? text : undefined;
    });
    lostRecord = played(lost);
  }, 240_000);
  let lostRecord = '';

  test(`${fleet} clusters that lose it are at most three pages`, async () => {
    const web = await freePort();
    await writeFile(join(folder, 'alertmanager.yaml'), stringify(pagesTo(await receiver.start(), pace), { version: '1.1' }));
    const alertmanager = new Program('alertmanager', [`--config.file=${folder}/alertmanager.yaml`, `--storage.path=${folder}/am`, `--web.listen-address=127.0.0.1:${web}`, '--cluster.listen-address=', '--log.level=warn'], join(folder, 'am.log'));
    alertmanager.start();
    programs.push(alertmanager);
    const identity = (i: number): Record<string, string> => ({ cluster_id: `c${i}`, cluster_type: 'workload_cluster', organization: `o${i % 20}`, region: 'one', environment: 'production' });
    const url = await prometheus('management', {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${web}`] }] }] },
      scrape_configs: [
        { job_name: federationJob, metrics_path: '/family', static_configs: Array.from({ length: fleet }, (_, i) => ({ targets: [address], labels: { ...identity(i), instance: `c${i}` } })) },
        ...['keelson-clusters', probeJob].map((job_name) => ({ job_name, metrics_path: `/${job_name}`, static_configs: [{ targets: [address] }] })),
      ],
    }, hastenedRules(pace), `${60 / pace}s`);
    await until('all clusters report', async () => ((await query(url, 'count(keelson:heartbeat_timestamp:max)'))[0]?.value === fleet ? true : undefined), 180_000);
    await new Promise((resolve) => setTimeout(resolve, watchMs));
    expect(receiver.firedSince(0)).toEqual([]);

    const begun = Date.now();
    sent = lostRecord;
    const page = await until('the page of the zone', () => receiver.told.find(({ status, labels }) => status === 'firing' && labels['alertname'] === 'CloudZoneDown'), withinMs('CloudZoneDown', pace) + 15_000);
    expect(page.labels).toMatchObject({ region: 'one', zone: lostZone });
    await new Promise((resolve) => setTimeout(resolve, watchMs));
    const firing = await query(url, 'count(ALERTS{alertstate="firing",severity="page"})');
    console.log(`${fleet} clusters without a zone: ${firing[0]?.value ?? 0} alerts of severity page fire, ${receiver.pagesSince(begun).length} pages were sent (${[...new Set(receiver.firedSince(begun))].join(', ')}), the first ${((page.at - begun) / 1000).toFixed(1)} s after the fault at a pace of ${pace}`);
    expect(firing[0]?.value).toBeGreaterThan(fleet);
    expect(receiver.pagesSince(begun).length).toBeLessThanOrEqual(3);
  }, 600_000);

  test('and when no API server of the cloud answers, as well', async () => {
    const begun = Date.now();
    isCloudDown = true;
    await until('the page of the cloud', () => receiver.told.find(({ at, status, labels }) => at >= begun && status === 'firing' && labels['alertname'] === 'CloudDown'), withinMs('CloudDown', pace) + 15_000);
    await new Promise((resolve) => setTimeout(resolve, watchMs));
    expect(receiver.pagesSince(begun).length).toBeLessThanOrEqual(3);
  }, 300_000);
});
