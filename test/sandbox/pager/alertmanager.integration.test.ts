/** The pager behind a real Alertmanager: what it sends is what the pager understands. */
import { jest } from '@jest/globals';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pager, type Page, type PagesAnswer } from '../../../sandbox/pager/index.ts';
import { freePort } from '../../fixtures/free-port.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';

jest.setTimeout(60_000);

const tool = (name: string): string => join(toolsBin, name);

describeWith({ tools: ['alertmanager', 'amtool'] }, 'the pager behind a real Alertmanager', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pager-'));
  const config = join(folder, 'alertmanager.yaml');
  const pager = new Pager({ address: '127.0.0.1', port: 0, file: join(folder, 'pages.json'), runbooks: folder });
  let alertmanager: ChildProcess;
  let address: string;

  beforeAll(async () => {
    await pager.start();
    writeFileSync(config, `route: {receiver: pager, group_by: [alertname, cluster], group_wait: 100ms, group_interval: 300ms, repeat_interval: 1h}
receivers: [{name: pager, webhook_configs: [{url: 'http://127.0.0.1:${pager.port}/api/v2/alerts-webhook', send_resolved: true}]}]
`);
    const port = await freePort();
    address = `http://127.0.0.1:${port}`;
    alertmanager = spawn(tool('alertmanager'), [`--config.file=${config}`, `--storage.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`, '--cluster.listen-address='], { stdio: 'ignore' });
    await eventually(async () => (await fetch(`${address}/-/ready`)).ok);
  });
  afterAll(async () => {
    await new Promise((resolve) => { alertmanager.once('close', resolve).kill('SIGKILL'); });
    await pager.stop();
    rmSync(folder, { recursive: true });
  });

  const pages = async (): Promise<readonly Page[]> => ((await (await fetch(`http://127.0.0.1:${pager.port}/api/pages`)).json()) as PagesAnswer).pages;
  const send = (alert: object): Promise<Response> => fetch(`${address}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify([alert]) });
  async function eventually(condition: () => Promise<boolean>): Promise<void> {
    while (!(await condition().catch(() => false))) await new Promise((resolve) => { setTimeout(resolve, 50); });
  }

  const alert = {
    labels: { alertname: 'CertificateExpiresSoon', cluster: 'demo', severity: 'warning', node: 'demo-md-0' },
    annotations: { summary: 'kubelet.crt expires in 23 h', runbook_url: 'https://keelson.dev/runbooks/certificate-expires-soon' },
    startsAt: new Date(Date.now() - 60_000).toISOString(),
  };

  test('an alert becomes a page, its end resolves it, its return opens it again', async () => {
    expect(spawnSync(tool('amtool'), ['check-config', config]).status).toBe(0);
    await send(alert);
    await eventually(async () => (await pages()).length === 1);
    expect(await pages()).toEqual([expect.objectContaining({ alert: 'CertificateExpiresSoon', cluster: 'demo', severity: 'warning', state: 'firing', summary: 'kubelet.crt expires in 23 h', episodes: [{ firedAt: alert.startsAt }] })]);

    const endsAt = new Date().toISOString();
    await send({ ...alert, endsAt });
    await eventually(async () => (await pages())[0]?.state === 'resolved');
    expect((await pages())[0]!.episodes).toEqual([{ firedAt: alert.startsAt, resolvedAt: endsAt }]);

    await send({ ...alert, startsAt: new Date().toISOString() });
    await eventually(async () => (await pages())[0]?.state === 'firing');
    expect((await pages())[0]!.episodes).toHaveLength(2);
  });

  test('alerts of a group arrive as pages of their own', async () => {
    await send({ ...alert, labels: { ...alert.labels, alertname: 'NodeDown', node: 'a' } });
    await send({ ...alert, labels: { ...alert.labels, alertname: 'NodeDown', node: 'b' } });
    await eventually(async () => (await pages()).filter((page) => page.alert === 'NodeDown').length === 2);
  });
});
