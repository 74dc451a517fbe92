import { spawn } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resources, type KubeObject } from '../../../provisioner/kube/index.ts';
import { Helm } from '../../../provisioner/helm/index.ts';
import { type ApiServer, kubeconfigFor, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { configMap, secret, stuckHook, tempFolder, writeChart } from './charts.ts';

const binary = join(toolsBin, 'helm');

describeWith({ tools: ['etcd', 'kube-apiserver', 'helm'] }, 'Helm driver, with the real Helm and a real API server', () => {
  let api: ApiServer;
  let folder: string;
  let helm: Helm;
  const namespace = 'apps';
  const ref = (release: string) => ({ release, namespace, kubeconfig: { content: api.kubeconfig }, timeoutMs: 20_000 });
  const greeting = async (release: string) => {
    const found = await api.client.get<KubeObject & { data?: { greeting: string } }>(resources.configMaps, { namespace, name: `${release}-greeting` });
    return found?.data?.greeting;
  };

  beforeAll(async () => {
    folder = await tempFolder();
    api = await startApiServer();
    helm = new Helm({ binary, tempDir: folder, killAfterMs: 5000, pendingAfterMs: 0 });
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  }, 150_000);

  afterAll(async () => {
    await api?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('installs, upgrades, lists, and removes a release', async () => {
    const chart = await writeChart(folder, 'web', { 'a.yaml': configMap });
    expect(await helm.status(ref('web'))).toBeUndefined();

    const first = await helm.upgradeInstall({ ...ref('web'), chart });
    expect(first).toMatchObject({ name: 'web', namespace, revision: 1, status: 'deployed' });
    expect(first.objects).toEqual([{ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'apps', name: 'web-greeting' }]);
    expect(await greeting('web')).toBe('hello');

    const second = await helm.upgradeInstall({ ...ref('web'), chart, values: { greeting: 'good day' } });
    expect(second).toMatchObject({ revision: 2, status: 'deployed' });
    expect(await greeting('web')).toBe('good day');
    expect(await helm.list({ kubeconfig: { content: api.kubeconfig } })).toEqual([expect.objectContaining({ name: 'web', revision: 2, chart: 'web-0.1.0' })]);

    await helm.uninstall(ref('web'));
    expect(await helm.status(ref('web'))).toBeUndefined();
    expect(await greeting('web')).toBeUndefined();
    await helm.uninstall(ref('web'));
  }, 60_000);

  it('applies server-side and takes back a field that somebody else changed, when told to', async () => {
    const chart = await writeChart(folder, 'owned', { 'a.yaml': configMap });
    await helm.upgradeInstall({ ...ref('owned'), chart });
    const edited = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned-greeting', namespace }, data: { greeting: 'edited' } };
    await api.client.apply(resources.configMaps, edited, { fieldManager: 'a-person', force: true });

    await expect(helm.upgradeInstall({ ...ref('owned'), chart, values: { greeting: 'x' } })).rejects.toMatchObject({ code: 'HELM_CONFLICT' });
    await helm.upgradeInstall({ ...ref('owned'), chart, values: { greeting: 'x' }, forceConflicts: true });
    expect(await greeting('owned')).toBe('x');
  }, 60_000);

  it.each([
    ['HELM_CHART_INVALID', { 'a.yaml': '{{ fail "cloud is required" }}' }, {}],
    ['HELM_CHART_INVALID', { 'a.yaml': '{{ .Values.greeting' }, {}],
    ['HELM_VALUES_INVALID', { 'a.yaml': configMap }, { 'values.schema.json': '{"type":"object","properties":{"greeting":{"type":"integer"}}}' }],
    ['HELM_KIND_MISSING', { 'a.yaml': 'apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata: {name: x}\n' }, {}],
  ] as const)('tells what is wrong: %s %j %j', async (code, templates, files) => {
    const chart = await writeChart(folder, 'bad', templates, files);
    await expect(helm.upgradeInstall({ ...ref('bad'), chart })).rejects.toMatchObject({ code });
    await rm(chart, { recursive: true });
  }, 60_000);

  it('tells that a cluster cannot be reached and that an identity may not', async () => {
    const chart = await writeChart(folder, 'web', { 'a.yaml': configMap });
    const unreachable = kubeconfigFor('https://127.0.0.1:1', api.ca.cert, { token: 'x' });
    await expect(helm.upgradeInstall({ ...ref('web'), kubeconfig: { content: unreachable }, chart })).rejects.toMatchObject({ code: 'HELM_UNREACHABLE' });
    const nobody = kubeconfigFor(api.url, api.ca.cert, { token: api.nobodyToken });
    await expect(helm.upgradeInstall({ ...ref('web'), kubeconfig: { content: nobody }, chart })).rejects.toMatchObject({ code: 'HELM_FORBIDDEN' });
  }, 60_000);

  it('keeps secret values out of argv, files and messages', async () => {
    const password = 'hunter2-is-not-a-good-password';
    const schema = { 'values.schema.json': '{"type":"object","properties":{"password":{"type":"string","maxLength":3}}}' };
    const chart = await writeChart(folder, 'secretive', { 'a.yaml': secret }, schema);
    const error: unknown = await helm.upgradeInstall({ ...ref('secretive'), chart, secretValues: { password } }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'HELM_VALUES_INVALID' });
    expect(String((error as Error).message)).not.toContain(password);

    const echo = join(folder, 'echo-helm');
    await writeFile(echo, `#!/bin/sh\n{ tr '\\0' ' ' </proc/$$/cmdline; /usr/bin/env; } >${folder}/seen\nexec ${binary} "$@"\n`, { mode: 0o755 });
    const good = await writeChart(folder, 'quiet', { 'a.yaml': secret });
    await new Helm({ binary: echo, tempDir: folder }).upgradeInstall({ ...ref('quiet'), chart: good, secretValues: { password } });
    const seen = await readFile(join(folder, 'seen'), 'utf8');
    expect(seen).toContain('upgrade quiet');
    expect(seen).not.toContain(password);
    expect(seen).not.toContain('client-key-data');
    expect((await readdir(folder)).filter((name) => name.startsWith('keelson-helm-'))).toEqual([]);
  }, 60_000);

  it('stops politely at the signal and can go on afterwards', async () => {
    const chart = await writeChart(folder, 'slow', { 'hook.yaml': stuckHook, 'a.yaml': configMap });
    const abort = new AbortController();
    const running = helm.upgradeInstall({ ...ref('slow'), chart, signal: abort.signal });
    await untilStatus('slow', 'pending-install');
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'HELM_ABORTED' });
    await rm(join(chart, 'templates/hook.yaml'));
    expect(await helm.upgradeInstall({ ...ref('slow'), chart })).toMatchObject({ status: 'deployed' });
  }, 60_000);

  it('reports a wait that takes too long', async () => {
    const chart = await writeChart(folder, 'late', { 'hook.yaml': stuckHook });
    await expect(helm.upgradeInstall({ ...ref('late'), timeoutMs: 1500, chart })).rejects.toMatchObject({ code: 'HELM_TIMEOUT' });
  }, 60_000);

  it('recovers a first install that was killed', async () => {
    const chart = await writeChart(folder, 'killed', { 'hook.yaml': stuckHook, 'a.yaml': configMap });
    await killedUpgrade('killed', chart, 'pending-install');
    const patient = new Helm({ binary, pendingAfterMs: 3_600_000 });
    await expect(patient.upgradeInstall({ ...ref('killed'), chart })).rejects.toMatchObject({ code: 'HELM_PENDING' });

    await rm(join(chart, 'templates/hook.yaml'));
    expect(await helm.upgradeInstall({ ...ref('killed'), chart })).toMatchObject({ revision: 1, status: 'deployed' });
    expect(await greeting('killed')).toBe('hello');
  }, 60_000);

  it('recovers an upgrade that was killed, from the revision that was good', async () => {
    const chart = await writeChart(folder, 'halfway', { 'a.yaml': configMap });
    await helm.upgradeInstall({ ...ref('halfway'), chart });
    await writeChart(folder, 'halfway', { 'hook.yaml': stuckHook });
    await killedUpgrade('halfway', chart, 'pending-upgrade');

    await rm(join(chart, 'templates/hook.yaml'));
    expect(await helm.upgradeInstall({ ...ref('halfway'), chart, values: { greeting: 'after' } })).toMatchObject({ revision: 4, status: 'deployed' });
    expect(await greeting('halfway')).toBe('after');
    expect((await helm.history(ref('halfway'))).map((r) => r.status)).toEqual(['superseded', 'pending-upgrade', 'superseded', 'deployed']);
  }, 60_000);

  it('renders and lints without a cluster', async () => {
    const chart = await writeChart(folder, 'drawn', { 'a.yaml': configMap });
    expect(await helm.template({ release: 'r', namespace, chart, values: { greeting: 'templated' } })).toContain('greeting: "templated"');
    expect(await helm.lint({ chart })).toContain('1 chart(s) linted, 0 chart(s) failed');
    const bad = await writeChart(folder, 'broken', { 'a.yaml': '{{ nonsense }}' });
    await expect(helm.lint({ chart: bad })).rejects.toMatchObject({ code: 'HELM_CHART_INVALID', message: expect.stringContaining('nonsense') as string });
  }, 60_000);

  async function untilStatus(release: string, status: string): Promise<void> {
    while ((await helm.status(ref(release)))?.status !== status) await new Promise((resolve) => setTimeout(resolve, 50));
  }

  /** Starts Helm beside the driver and kills it as soon as the release is pending. */
  async function killedUpgrade(release: string, chart: string, status: string): Promise<void> {
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, api.kubeconfig, { mode: 0o600 });
    const child = spawn(binary, ['upgrade', '--install', release, chart, `--namespace=${namespace}`, `--kubeconfig=${kubeconfig}`], { stdio: 'ignore' });
    await untilStatus(release, status);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  }
});
