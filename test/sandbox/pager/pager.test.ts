import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pager, type Page, type PagesAnswer } from '../../../sandbox/pager/index.ts';
import { alert, webhook } from './payload.ts';

let folder: string;
let pager: Pager;
let now = new Date('2026-11-25T10:03:00Z');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pager-'));
  mkdirSync(join(folder, 'runbooks'));
  writeFileSync(join(folder, 'runbooks', 'certificate-expires-soon.md'), '# A certificate expires soon\n\nRun `keelson renew`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n');
  writeFileSync(join(folder, 'secret.md'), '# not a runbook');
  now = new Date('2026-11-25T10:03:00Z');
  pager = await started();
});
afterEach(async () => {
  await pager.stop();
  rmSync(folder, { recursive: true });
});

async function started(): Promise<Pager> {
  const made = new Pager({ address: '127.0.0.1', port: 0, file: join(folder, 'pages.json'), runbooks: join(folder, 'runbooks'), now: () => now });
  await made.start();
  return made;
}
const url = (path: string): string => `http://127.0.0.1:${pager.port}${path}`;
const post = (body: unknown): Promise<Response> => fetch(url('/api/v2/alerts-webhook'), { method: 'POST', headers: { 'content-type': 'application/json' }, body: typeof body === 'string' ? body : JSON.stringify(body) });
const pages = async (): Promise<readonly Page[]> => ((await (await fetch(url('/api/pages'))).json()) as PagesAnswer).pages;
const text = async (path: string): Promise<string> => (await fetch(url(path))).text();

test('a firing alert becomes an open page with what a person needs', async () => {
  expect((await post(webhook(alert))).status).toBe(200);
  expect(await pages()).toEqual([expect.objectContaining({
    alert: 'CertificateExpiresSoon', cluster: 'demo', severity: 'warning', state: 'firing', notifications: 1,
    summary: 'kubelet-client.crt on demo-md-0-abc expires in 23 h', runbook: alert.annotations['runbook_url'],
    episodes: [{ firedAt: '2026-11-25T10:00:00.123Z' }],
  })]);
  expect(pager.openPages()).toBe(1);
});

test('a resolved notification closes the page and keeps both times', async () => {
  await post(webhook(alert));
  await post(webhook({ ...alert, status: 'resolved', endsAt: '2026-11-25T10:02:00Z' }));
  expect(await pages()).toEqual([expect.objectContaining({ state: 'resolved', notifications: 2, episodes: [{ firedAt: '2026-11-25T10:00:00.123Z', resolvedAt: '2026-11-25T10:02:00.000Z' }] })]);
  expect(pager.openPages()).toBe(0);
});

test('an alert that fires again begins an episode of the same page', async () => {
  await post(webhook(alert));
  await post(webhook({ ...alert, status: 'resolved', endsAt: '2026-11-25T10:02:00Z' }));
  await post(webhook({ ...alert, startsAt: '2026-11-25T10:02:30Z' }));
  expect((await pages())[0]!.episodes).toEqual([{ firedAt: '2026-11-25T10:02:30.000Z' }, { firedAt: '2026-11-25T10:00:00.123Z', resolvedAt: '2026-11-25T10:02:00.000Z' }]);
});

test.each([
  ['another version', { ...webhook(alert), version: '3' }, 'body/version'],
  ['no alerts', { version: '4' }, "must have required property 'alerts'"],
  ['a state that does not exist', webhook({ ...alert, status: 'pending' }), 'body/alerts/0/status'],
  ['a start that is no time', webhook({ ...alert, startsAt: 'yesterday' }), 'body/alerts/0/startsAt'],
  ['a label that is no text', webhook({ ...alert, labels: { alertname: 7 } }), 'body/alerts/0/labels/alertname'],
  ['no JSON', '{"version":', 'JSON'],
])('%s is refused and the answer names what is wrong', async (_what, body, words) => {
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ code: 'PAGER_BAD_PAYLOAD', message: expect.stringContaining(words) as string });
  expect(await pages()).toEqual([]);
});

test('pages survive a restart of the pager', async () => {
  await post(webhook(alert));
  await pager.stop();
  pager = await started();
  expect(await pages()).toHaveLength(1);
  expect(JSON.parse(readFileSync(join(folder, 'pages.json'), 'utf8'))).toHaveLength(1);
});

test('a file that does not hold pages stops the start with a clear error', async () => {
  writeFileSync(join(folder, 'pages.json'), '[{');
  await expect(started()).rejects.toMatchObject({ code: 'PAGER_STORE_FAILED', message: expect.stringContaining('pages.json') as string });
});

test('open pages come first, the most severe of them on top', async () => {
  const of = (name: string, severity: string, extra: object = {}): unknown => ({ ...alert, fingerprint: name, labels: { alertname: name, severity }, ...extra });
  await post(webhook(of('Done', 'critical', { status: 'resolved', endsAt: '2026-11-25T10:02:00Z' }), of('Hint', 'info'), of('Fire', 'critical'), of('Odd', 'purple'), of('Smoke', 'warning')));
  expect((await pages()).map((page) => page.alert)).toEqual(['Fire', 'Smoke', 'Hint', 'Odd', 'Done']);
});

test('the web page shows the page with a link to its runbook, and needs nothing from elsewhere', async () => {
  await post(webhook(alert));
  const shown = await text('/');
  expect(shown).toContain('1 open page');
  expect(shown).toContain('firing for 3 min');
  expect(shown).toContain('<a href="/runbooks/certificate-expires-soon">Runbook</a>');
  expect(shown.replaceAll('/runbooks/certificate-expires-soon.md', '')).not.toMatch(/(src|href)="?https?:/);
});

test('labels of an attacker stay text', async () => {
  await post(webhook({ ...alert, labels: { ...alert.labels, evil: '"><script>alert(1)</script>' }, annotations: { summary: '<img src=x onerror=alert(1)>', runbook_url: 'javascript:alert(1)' } }));
  const shown = await text('/');
  expect(shown).not.toMatch(/<img|<script>alert|href="javascript/);
  expect((await fetch(url('/'))).headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'nonce-/);
});

test('a runbook is shown as HTML', async () => {
  const shown = await text('/runbooks/certificate-expires-soon');
  expect(shown).toContain('<title>A certificate expires soon - Keelson pager</title>');
  expect(shown).toContain('<code>keelson renew</code>');
  expect(shown).toContain('<td>2</td>');
});

test('the folder of runbooks opens with its README, whose links lead to runbooks', async () => {
  writeFileSync(join(folder, 'runbooks', 'README.md'), '# Runbooks\n\n- [soon](certificate-expires-soon.md)\n');
  const shown = await text('/runbooks/');
  const link = /href="([^"]+)">soon/.exec(shown)![1]!;
  expect((await fetch(new URL(link, url('/runbooks/')))).status).toBe(200);
});

test.each(['/runbooks/none', '/runbooks/..%2Fsecret', '/runbooks/%2e%2e%2fsecret.md', '/runbooks/certificate-expires-soon%00'])('%s is not found', async (path) => {
  const response = await fetch(url(path));
  expect(response.status).toBe(404);
  expect(await response.text()).not.toContain('not a runbook');
});

test('whoever watches the events hears of a change', async () => {
  let posted: Promise<Response> | undefined;
  const heard = new Promise<string>((resolve, reject) => {
    const request = get(url('/events'), (response) => {
      let received = '';
      response.setEncoding('utf8').on('error', () => undefined).on('data', (chunk: string) => {
        received += chunk;
        if (received.includes('retry')) posted ??= post(webhook(alert));
        if (received.includes('event: change')) { resolve(received); request.destroy(); }
      });
    }).on('error', reject);
  });
  expect(await heard).toContain('event: change\ndata:\n\n');
  expect((await posted!).status).toBe(200);
});

test('the pager stops while someone watches', async () => {
  const request = get(url('/events'), (response) => { response.on('error', () => undefined).resume(); }).on('error', () => undefined);
  await new Promise((resolve) => { request.once('response', resolve); });
  await pager.stop();
  pager = await started();
});
