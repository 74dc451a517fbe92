import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { silencePolicy } from '../../../../provisioner/api/silence-admission.ts';
import { type KubeObject, Reflector, type Resource, resources } from '../../../../provisioner/kube/index.ts';
import { alertsSilence, alertsSilences } from '../../../../provisioner/cli/commands/alerts/silence.ts';
import type { CliContext } from '../../../../provisioner/cli/context.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { Alertmanager, type ListedSilence } from '../../../../provisioner/operators/silences/alertmanager.ts';
import { silencesController } from '../../../../provisioner/operators/silences/controller.ts';
import type { SilenceObject, WindowObject } from '../../../../provisioner/operators/silences/wanted.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { cluster, installKinds, namespace } from '../fleet.ts';
import { eventually, startControllers, type TestContext, testContext } from '../surroundings.ts';
import { alertmanagers, type TestAlertmanager } from './alertmanagers.ts';

const hour = 3_600_000;
const inHours = (hours: number): string => new Date(Date.now() + hours * hour).toISOString().replace(/\.\d+Z/, 'Z');
const silence = (name: string, spec: object = {}, at = namespace): KubeObject => ({
  apiVersion: 'keelson.dev/v1alpha1', kind: 'Silence', metadata: { name, namespace: at },
  spec: { owner: 'anna', reason: 'the disk is replaced on Tuesday', expiresAt: inHours(5), matchers: [{ name: 'alertname', value: 'NodeDiskFull' }], ...spec },
});
const window = (name: string, spec: object): KubeObject => ({ apiVersion: 'keelson.dev/v1alpha1', kind: 'MaintenanceWindow', metadata: { name, namespace }, spec: { owner: 'anna', reason: 'new kernels on every node', ...spec } });

describeWith({ tools: ['etcd', 'kube-apiserver', 'alertmanager'] }, 'silences, from a real API server into a real pair of Alertmanagers', () => {
  let api: ApiServer;
  let pair: Awaited<ReturnType<typeof alertmanagers>>;
  let context: TestContext;
  let registry: Registry;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    [api, pair] = await Promise.all([startApiServer(), alertmanagers(2)]);
    await installKinds(api);
    for (const policy of silencePolicy()) await api.client.request({ method: 'POST', path: `/apis/admissionregistration.k8s.io/v1/${(policy as KubeObject).kind === 'ValidatingAdmissionPolicy' ? 'validatingadmissionpolicies' : 'validatingadmissionpolicybindings'}`, headers: { 'content-type': 'application/json' }, body: JSON.stringify(policy) });
    for (const resource of [resources.silences, resources.maintenanceWindows]) await eventually(() => api.client.list(resource));
    // A policy takes effect a moment after it was written.
    await eventually(async () => (await refusal(resources.silences, silence('tried', { expiresAt: inHours(31 * 24) }))).includes('more than 30 days'));
    await api.client.create(resources.clusters, cluster('demo'));
    context = testContext(api.client);
    start();
  }, 150_000);

  afterAll(async () => {
    await stop?.();
    await pair?.stop();
    await api?.stop();
  });

  function start(): void {
    const seams = { client: api.client, log: context.log };
    registry = new Registry();
    stop = startControllers([silencesController({
      context, registry, urls: pair.all.map(({ url }) => url), ownerNamespaces: ['keelson-system'], intervalMs: 1000,
      silences: new Reflector<SilenceObject>({ ...seams, resource: resources.silences }),
      windows: new Reflector<WindowObject>({ ...seams, resource: resources.maintenanceWindows }),
      clusters: new Reflector<Cluster>({ ...seams, resource: resources.clusters }),
    })]);
  }

  const listed = ({ url }: TestAlertmanager): Promise<ListedSilence[]> => new Alertmanager(url).silences(new AbortController().signal);
  const idsOf = async (name: string, at: TestAlertmanager): Promise<string[]> => (await listed(at)).filter(({ comment }) => comment.includes(`/${name}/`)).map(({ id }) => id).sort();
  const [first, second] = [() => pair.all[0]!, () => pair.all[1]!];
  const readyOf = async (resource: Resource, name: string, at = namespace) => {
    const found = await api.client.get<SilenceObject>(resource, { namespace: at, name });
    return { ...found?.status, reason: found?.status?.conditions?.[0]?.reason, message: found?.status?.conditions?.[0]?.message };
  };
  const until = (reason: string, name: string, resource: Resource = resources.silences) => eventually(async () => {
    const ready = await readyOf(resource, name);
    return ready.reason === reason && ready;
  });
  const refusal = async (resource: Resource, object: KubeObject): Promise<string> => api.client.create(resource, object, { dryRun: true }).then(() => 'taken', (error: Error) => error.message);

  test.each<[string, object, RegExp]>([
    ['one that matches everything', { matchers: [{ name: 'alertname', operator: '=~', value: '.+' }] }, /at least one matcher names what is silenced/],
    ['one by severity', { matchers: [{ name: 'severity', value: 'page' }] }, /at least one matcher names what is silenced/],
    ['one of a whole cluster', { matchers: [{ name: 'cluster_id', value: 'demo' }] }, /a MaintenanceWindow hides a whole cluster/],
    ["the dead man's switch", { matchers: [{ name: 'alertname', value: 'Watchdog' }] }, /dead man's switch/],
    ['no regular expression', { matchers: [{ name: 'alertname', value: 'X' }, { name: 'node', operator: '=~', value: '(' }] }, /missing closing \)/],
    ['31 days', { expiresAt: inHours(31 * 24) }, /more than 30 days after the object was made/],
    ['an end that has passed', { expiresAt: inHours(-1) }, /has passed already/],
    ['no reason', { reason: 'why' }, /spec.reason/],
    ['no owner', { owner: '' }, /spec.owner/],
    ['no matchers', { matchers: [] }, /spec.matchers/],
    ['30 days and a name', { expiresAt: inHours(30 * 24 - 1), matchers: [{ name: 'alertname', operator: '=~', value: 'NodeDiskFull|NodeMemoryLow' }, { name: 'severity', operator: '!=', value: 'page' }] }, /^taken$/],
  ])('admission: a Silence with %s', async (_, spec, expected) => expect(await refusal(resources.silences, silence('tried', spec))).toMatch(expected));

  test('admission: an end cannot be moved beyond thirty days either', async () => {
    await api.client.create(resources.silences, silence('moved'));
    await expect(api.client.patch(resources.silences, { namespace, name: 'moved' }, { type: 'merge', body: { spec: { expiresAt: inHours(31 * 24) } } })).rejects.toThrow(/more than 30 days/);
    await api.client.delete(resources.silences, { namespace, name: 'moved' });
  });

  test.each<[string, object, RegExp]>([
    ['25 hours', { once: { from: inHours(1), to: inHours(26) } }, /24 hours at most/],
    ['an end before its beginning', { once: { from: inHours(2), to: inHours(1) } }, /to is after from/],
    ['neither once nor weekly', {}, /once or weekly/],
    ['a whole week', { weekly: { days: ['monday', 'tuesday'], at: '00:00', hours: 24 } }, /24 hours together/],
    ['no such day', { weekly: { days: ['someday'], at: '00:00', hours: 1 } }, /Unsupported value/],
    ['four hours on Tuesdays', { weekly: { days: ['tuesday'], at: '22:00', hours: 4, timeZone: 'Europe/Berlin' } }, /^taken$/],
  ])('admission: a MaintenanceWindow with %s', async (_, spec, expected) => expect(await refusal(resources.maintenanceWindows, window('tried', spec))).toMatch(expected));

  test('a Silence is in both within a round, once, confined to its organization', async () => {
    await api.client.create(resources.silences, silence('disk'));
    const ready = await until('Silenced', 'disk');
    expect(ready).toMatchObject({ alertmanagers: '2/2', matchers: ['alertname="NodeDiskFull"', 'organization="demo"', 'cluster_id=~".+"'] });
    expect(await idsOf('disk', first())).toHaveLength(1);
    expect(await idsOf('disk', second())).toEqual(await idsOf('disk', first()));
    const [made] = (await listed(first())).filter(({ comment }) => comment.includes('/disk/'));
    expect(made).toMatchObject({ createdBy: 'anna (keelson.dev)', comment: expect.stringMatching(/^the disk is replaced on Tuesday \[keelson\.dev Silence\/org-demo\/disk\//) as string });
    expect(context.said.join('\n')).toContain('event Normal Silenced Silence disk');
    expect(await registry.metrics()).toContain('keelson_silence_ready{silence_kind="Silence",silence_namespace="org-demo",silence="disk",reason="Silenced"} 1');
  }, 40_000);

  test("it hides alerts of its organization's clusters, and of no others", async () => {
    const alert = (organization: string) => ({ labels: { alertname: 'NodeDiskFull', cluster_id: 'x', organization } });
    await fetch(`${second().url}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([alert('demo'), alert('other')]) });
    const states = await eventually(async () => {
      const alerts = (await (await fetch(`${second().url}/api/v2/alerts`)).json()) as { labels: { organization: string }; status: { state: string } }[];
      return alerts.length === 2 && alerts.every(({ status }) => status.state !== 'unprocessed') && Object.fromEntries(alerts.map(({ labels, status }) => [labels.organization, status.state]));
    });
    expect(states).toEqual({ demo: 'suppressed', other: 'active' });
  }, 40_000);

  test('what a person silenced by hand stays, and what a person changed of ours is put right', async () => {
    await stop();
    const manual = { matchers: [{ name: 'alertname', value: 'ByHand', isRegex: false }], startsAt: new Date().toISOString(), endsAt: inHours(2), createdBy: 'bert', comment: 'by hand' };
    await new Alertmanager(first().url).put(manual, new AbortController().signal);
    const [ours] = (await listed(first())).filter(({ comment }) => comment.includes('/disk/'));
    await new Alertmanager(first().url).put({ ...ours!, startsAt: new Date().toISOString(), endsAt: inHours(1000) }, new AbortController().signal);
    await eventually(async () => (await listed(second())).some(({ comment, endsAt }) => comment.includes('/disk/') && endsAt.getTime() > Date.now() + 900 * hour));
    start();
    await eventually(async () => (await Promise.all(pair.all.map(listed))).every((list) => {
      const mine = list.filter(({ comment }) => comment.includes('/disk/'));
      return mine.length === 1 && mine[0]!.endsAt.getTime() < Date.now() + 6 * hour && list.some(({ comment }) => comment === 'by hand');
    }));
  }, 40_000);

  test('an Alertmanager that does not answer is named, and gets everything when it is back with nothing', async () => {
    await second().kill();
    await api.client.create(resources.silences, silence('while-away', { matchers: [{ name: 'node', value: 'w-1' }] }));
    const ready = await until('NotDelivered', 'while-away');
    expect(ready).toMatchObject({ alertmanagers: '1/2', message: expect.stringMatching(new RegExp(`${second().url}.*ECONNREFUSED`)) as string });
    expect(await registry.metrics()).toContain(`keelson_alertmanager_reached{alertmanager="${second().url}"} 0`);
    await second().start();
    await until('Silenced', 'while-away');
    await eventually(async () => (await idsOf('while-away', second())).length === 1 && (await idsOf('disk', second())).length === 1);
  }, 60_000);

  test('an operator that was gone in the meantime takes away what is gone, and makes nothing twice', async () => {
    const before = await idsOf('disk', first());
    await stop();
    await api.client.delete(resources.silences, { namespace, name: 'while-away' });
    start();
    await eventually(async () => (await idsOf('while-away', first())).length === 0 && (await idsOf('while-away', second())).length === 0);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect([await idsOf('disk', first()), await idsOf('disk', second())]).toEqual([before, before]);
    expect((await listed(first())).some(({ comment }) => comment === 'by hand')).toBe(true);
  }, 60_000);

  test('a window that opens soon is pending in Alertmanager, one that is open silences its clusters, and takes in new ones', async () => {
    await api.client.create(resources.maintenanceWindows, window('soon', { once: { from: inHours(2), to: inHours(3) } }));
    await api.client.create(resources.maintenanceWindows, window('now', { once: { from: inHours(-1), to: inHours(3) } }));
    expect(await until('Waiting', 'soon', resources.maintenanceWindows)).toMatchObject({ alertmanagers: '2/2', clusters: 1 });
    expect(await until('Silenced', 'now', resources.maintenanceWindows)).toMatchObject({ matchers: ['cluster_id=~"demo"', 'organization="demo"'] });
    expect((await listed(second())).filter(({ comment }) => comment.includes('/soon/'))).toMatchObject([{ status: { state: 'pending' } }]);
    await api.client.create(resources.clusters, cluster('demo-2'));
    await eventually(async () => (await readyOf(resources.maintenanceWindows, 'now')).matchers?.[0] === 'cluster_id=~"demo|demo-2"');
    expect(await idsOf('now', first())).toHaveLength(1);
  }, 60_000);

  test('keelson alerts silence writes one, and silences lists what there is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'silence-cli-'));
    const [kubeconfig, out]: [string, string[]] = [join(folder, 'kubeconfig'), []];
    const cli = { env: {}, signal: new AbortController().signal, stdout: { write: (text: string) => out.push(text) > 0 }, stderr: { write: (text: string) => out.push(text) > 0 } } as unknown as CliContext;
    const matchers = (value: string, name = 'alertname') => [{ name, operator: '=' as const, value }, { name: 'cluster_id', operator: '=' as const, value: 'demo' }];
    try {
      await writeFile(kubeconfig, api.kubeconfig);
      const options = { kubeconfig, namespace, for: '24h', reason: 'the node is replaced at noon' };
      await alertsSilence(cli, matchers('NodeNotReady'), options);
      expect(out.join('')).toMatch(/^Silence org-demo\/nodenotready-\w+ until .*Z: alertname="NodeNotReady", cluster_id="demo"\nkubectl delete silence -n org-demo nodenotready-/);
      await alertsSilence(cli, matchers('NodeNotRaedy'), { ...options, for: '30d' });
      expect(out.join('')).toContain("NodeNotRaedy is none of Keelson's alerts");
      await expect(alertsSilence(cli, matchers('page', 'severity'), options)).rejects.toThrow(/at least one matcher names what is silenced/);
      for (const period of ['31d', '0h', 'soon']) await expect(alertsSilence(cli, matchers('NodeNotReady'), { ...options, for: period })).rejects.toThrow(/--for .*: up to 30d/);
      out.length = 0;
      await alertsSilences(cli, { kubeconfig, namespace, output: 'table' });
      expect(out.join('')).toMatch(/^KIND +NAMESPACE +NAME +STATE +UNTIL +OWNER +WHAT +WHY\nSilence +org-demo +disk /);
      expect(out.join('')).toMatch(/MaintenanceWindow +org-demo +now +Silenced .* cluster_id=~"demo\|demo-2"/);
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 40_000);

  test('what is over, refused or in a foreign place says so and silences nothing', async () => {
    context.turn(6 * hour);
    await until('Ended', 'disk');
    await until('Ended', 'now', resources.maintenanceWindows);
    context.turn(-6 * hour);
    await api.client.create(resources.silences, silence('abroad', {}, 'default'));
    await eventually(async () => (await readyOf(resources.silences, 'abroad', 'default')).reason === 'Refused');
    expect(await idsOf('abroad', first())).toEqual([]);
  }, 40_000);
});
