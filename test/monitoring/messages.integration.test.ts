/** What a person reads, with real programs: the operator's metrics and our rules in Prometheus, our routing in Alertmanager, and what arrives by chat, webhook and mail. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { stringify } from 'yaml';
import { renderRouting } from '../../monitoring/routes/config.ts';
import { parseRouting } from '../../monitoring/routes/routing.ts';
import { ruleGroups } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { type Change, systemClock } from '../../provisioner/kube/index.ts';
import type { AppObject } from '../../provisioner/operators/app/app-object.ts';
import type { Cluster } from '../../provisioner/operators/cluster.ts';
import { registerClusterChanges } from '../../provisioner/operators/monitoring/changes.ts';
import { registerOrganizationMetrics } from '../../provisioner/operators/organization/metrics.ts';
import type { Organization } from '../../provisioner/operators/organization/organization-object.ts';
import { freePort } from '../fixtures/free-port.ts';
import { describeWith, toolsBin } from '../fixtures/needs.ts';
import { eventually } from '../provisioner/operators/surroundings.ts';
import { type Mail, startMailServer } from './mail-server.ts';

interface Slack {
  readonly attachments: readonly { readonly title: string; readonly text: string; readonly actions: readonly { readonly text: string; readonly url: string }[] }[];
}
interface Webhook {
  readonly alerts: readonly { readonly labels: Record<string, string>; readonly annotations: Record<string, string> }[];
}

/** As the API server has them; one change of version, and an App that was installed anew. */
const cluster = (name: string, version: string): Cluster => ({
  apiVersion: '', kind: 'Cluster', metadata: { name, namespace: 'org-acme', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { topology: { version, classRef: { name: 'openstack-v1' } } }, status: { initialization: { controlPlaneInitialized: true }, conditions: [{ type: 'Available', status: 'True', reason: 'Available', message: '', lastTransitionTime: '2026-01-01T01:00:00Z' }] },
});
const app = (name: string, revision: number, version: string): AppObject => ({
  apiVersion: '', kind: 'App', metadata: { name: `${name}-policies`, namespace: 'org-acme', uid: 'v', generation: 1, labels: { 'keelson.dev/component': 'policies' } },
  spec: { cluster: name, chart: 'policies', namespace: 'x', values: {}, dependsOn: [] }, status: { release: { name: 'policies', namespace: 'x', chart: 'policies', version, revision, digest: '' } },
});
const names = ['demo', 'shop'];
const acme = { apiVersion: 'keelson.dev/v1alpha1', kind: 'Organization', metadata: { name: 'acme' }, spec: { contact: { email: 'ops@acme.example' }, quota: {} } } as unknown as Organization;

/** One page about a cluster, and one notice to the tenant of another: the page would hide it. */
const groups = ruleGroups.map((group) => ({ ...group, intervalSeconds: 1, rules: group.rules.flatMap((rule) => (rule.kind === 'alert' && ['ClusterApiDown', 'VolumeFull'].includes(rule.alert) ? [{ ...rule, for: '0s' }] : [])) })).filter(({ rules }) => rules.length);

describeWith({ tools: ['prometheus', 'alertmanager'] }, 'what a person reads', () => {
  const children: ChildProcess[] = [];
  const chats: Slack[] = [];
  const hooks: Webhook[] = [];
  let http: Server;
  let mail: Awaited<ReturnType<typeof startMailServer>>;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'messages-'));
    const registry = new Registry();
    registerOrganizationMetrics(registry, { items: () => [acme] });
    const listeners: { cluster?: (change: Change<Cluster>) => void; app?: (change: Change<AppObject>) => void } = {};
    registerClusterChanges({
      registry, clock: systemClock,
      clusters: { items: () => names.map((name) => cluster(name, 'v1.36.3')), onChange: (listener) => { listeners.cluster = listener; return () => undefined; } },
      apps: { onChange: (listener) => { listeners.app = listener; return () => undefined; } },
    });
    for (const name of names) {
      listeners.cluster?.({ type: 'modified', old: cluster(name, 'v1.35.4'), object: cluster(name, 'v1.36.3') });
      listeners.app?.({ type: 'modified', old: app(name, 1, '0.1.0'), object: app(name, 2, '0.2.0') });
    }

    mail = await startMailServer();
    http = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString())).on('end', () => {
        if (request.url === '/slack') chats.push(JSON.parse(body) as Slack);
        if (request.url === '/hook') hooks.push(JSON.parse(body) as Webhook);
        if (request.url !== '/metrics') return void response.end('ok');
        const more = 'probe_success{job="keelson-readyz",cluster_id="demo",organization="acme"} 0\nkeelson:volume_free:ratio{whose="tenant",cluster_id="shop",organization="acme",namespace="shop",persistentvolumeclaim="data"} 0.01\n';
        void registry.metrics().then((text) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text + more));
      });
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const ours = `127.0.0.1:${(http.address() as AddressInfo).port}`;
    const file = async (name: string, content: string): Promise<string> => {
      await writeFile(join(folder, name), content);
      return join(folder, name);
    };

    const routing = parseRouting({
      receivers: { chat: { kind: 'slack', apiUrlFile: await file('slack', `http://${ours}/slack`), channel: '#oncall' }, hook: { kind: 'webhook', url: `http://${ours}/hook` } },
      teams: { platform: { page: ['chat', 'hook'], notify: ['hook'], ticket: ['hook'] } },
      contacts: { from: 'keelson@example.com', smarthost: `127.0.0.1:${mail.port}`, requireTls: false },
      timing: { groupWait: '100ms', groupInterval: '1s' },
    });
    const [amPort, promPort] = [await freePort(), await freePort()];
    const start = (tool: string, args: readonly string[]): void => void children.push(spawn(join(toolsBin, tool), args, { stdio: 'ignore' }));
    start('alertmanager', [`--config.file=${await file('alertmanager.yaml', stringify(renderRouting(routing), { version: '1.1' }))}`, `--storage.path=${folder}/am`, `--web.listen-address=127.0.0.1:${amPort}`, '--cluster.listen-address=']);
    const rules = await file('rules.yaml', stringify(renderGroups(groups, { runbookBase: 'https://books', boardBase: 'https://boards' }), { version: '1.1' }));
    start('prometheus', [`--config.file=${await file('prometheus.yaml', stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' }, rule_files: [rules],
      scrape_configs: [{ job_name: 'x', honor_labels: true, static_configs: [{ targets: [ours] }] }],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${amPort}`] }] }] },
    }))}`, `--storage.tsdb.path=${folder}/prom`, `--web.listen-address=127.0.0.1:${promPort}`]);
  }, 60_000);

  afterAll(async () => {
    await Promise.all(children.map((child) => new Promise((resolve) => { child.once('close', resolve).kill('SIGKILL'); })));
    http?.closeAllConnections();
    http?.close();
    mail?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const clock = String.raw`\d\d:\d\d UTC`;
  const changes = new RegExp(`(version v1\\.35\\.4 → v1\\.36\\.3 at ${clock}; App policies 0\\.1\\.0 → 0\\.2\\.0 installed at ${clock}|App policies 0\\.1\\.0 → 0\\.2\\.0 installed at ${clock}; version v1\\.35\\.4 → v1\\.36\\.3 at ${clock})`);

  test('a page in chat says what, since when, who feels it, what was changed, and where to go on', async () => {
    const { attachments: [page] } = await eventually(() => chats.at(-1));
    expect(page?.title).toBe('[FIRING] demo: the API server does not answer');
    expect(page?.text).toMatch(/Since .* UTC; felt by: everybody who uses the API of the cluster/);
    expect(page?.text).toMatch(changes);
    expect(page?.actions.map(({ text, url }) => [text, url])).toEqual([
      ['Runbook', 'https://books/ClusterApiDown.md'], ['Board', 'https://boards/d/keelson-monitoring?var-cluster=demo'], ['Silence', 'https://books/ClusterApiDown.md#is-it-over-silence-it'],
    ]);
  }, 60_000);

  test('a webhook gets the same, and the command that silences exactly this', async () => {
    const { alerts: [page] } = await eventually(() => hooks.find(({ alerts }) => alerts[0]?.labels['alertname'] === 'ClusterApiDown'));
    expect(page?.annotations['changes']).toMatch(changes);
    expect(page?.annotations['silence']).toBe("keelson alerts silence alertname=ClusterApiDown cluster_id=demo -n org-acme --for 24h --reason '…'");
  }, 60_000);

  test('what a tenant broke arrives at the contact of its Organization, and nowhere else', async () => {
    const letter = await eventually((): Mail | undefined => mail.mails[0]);
    expect(letter.to).toEqual(['ops@acme.example']);
    expect(letter.text).toContain('shop: volume shop/data has 1% left');
    expect(letter.text).toMatch(changes);
    expect(letter.text).toContain('keelson alerts silence alertname=VolumeFull cluster_id=shop -n org-acme');
    expect(hooks.flatMap(({ alerts }) => alerts).map(({ labels }) => labels['alertname'])).not.toContain('VolumeFull');
  }, 60_000);
});
