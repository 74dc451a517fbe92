/** The page in a real browser: Chromium, driven over its debugging protocol. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { describeWith } from '../../fixtures/needs.ts';
import { makeCertificate } from './make-certificate.ts';
import { start, type Running } from './running-exporter.ts';

/** Evaluates JavaScript in one page of a headless Chromium. https://chromedevtools.github.io/devtools-protocol/ */
class Browser {
  #child: ChildProcess | undefined;
  #socket: WebSocket | undefined;
  #last = 0;

  async start(profile: string): Promise<void> {
    this.#child = spawn('chromium', ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${profile}`, '--remote-debugging-port=0', 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    this.#child.stderr!.on('data', (part: Buffer) => (said += part.toString()));
    const port = await this.#until(() => /DevTools listening on ws:\/\/[^:]+:(\d+)/.exec(said)?.[1], () => said);
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as { type: string; webSocketDebuggerUrl: string }[];
    this.#socket = new WebSocket(targets.find(({ type }) => type === 'page')!.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => this.#socket!.once('open', resolve).once('error', reject));
  }

  async open(url: string): Promise<void> {
    await this.#call('Page.navigate', { url });
    await this.loaded((href) => href === url);
  }

  async loaded(isThere: (href: string) => boolean): Promise<void> {
    await this.#until(async () => {
      const [href, state] = await this.evaluate<[string, string]>('[location.href, document.readyState]');
      return isThere(href) && state === 'complete' ? true : undefined;
    }, () => 'the page did not load');
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result } = (await this.#call('Runtime.evaluate', { expression, returnByValue: true })) as { result: { value: T } };
    return result.value;
  }

  async stop(): Promise<void> {
    this.#socket?.close();
    const child = this.#child;
    if (!child) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await exited;
  }

  #call(method: string, params: object): Promise<unknown> {
    const id = ++this.#last;
    return new Promise((resolve) => {
      const onMessage = (data: Buffer): void => {
        const message = JSON.parse(data.toString()) as { id?: number; result?: unknown };
        if (message.id !== id) return;
        this.#socket!.off('message', onMessage);
        resolve(message.result);
      };
      this.#socket!.on('message', onMessage);
      this.#socket!.send(JSON.stringify({ id, method, params }));
    });
  }

  async #until<T>(look: () => T | undefined | Promise<T | undefined>, why: () => string): Promise<T> {
    for (let left = 600; left > 0; left--) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(why());
  }
}

describeWith({ commands: ['chromium'] }, 'the page in Chromium', () => {
  let folder: string;
  let exporter: Running;
  const browser = new Browser();
  const url = (): string => `http://127.0.0.1:${exporter.port}/`;
  const rows = (): Promise<string[][]> => browser.evaluate(`[...document.querySelectorAll('#certificates tr')].slice(1).map((row) => [...row.cells].map((cell) => cell.textContent))`);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'page-'));
    for (const [name, notAfter] of [['late.crt', '2040-01-01T00:00:00Z'], ['soon.crt', '2026-12-01T00:00:00Z'], ['<img src=x onerror=document.title=1>.crt', '2030-01-01T00:00:00Z']] as const) {
      await writeFile(join(folder, name), (await makeCertificate({ notAfter: new Date(notAfter) })).cert);
    }
    await writeFile(join(folder, 'broken.crt'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    exporter = await start(folder);
    await browser.start(join(folder, '../', `chromium-${process.pid}`));
  }, 120_000);
  afterAll(async () => {
    await browser.stop();
    await exporter?.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(join(folder, '../', `chromium-${process.pid}`), { recursive: true, force: true, maxRetries: 5 });
  });

  test('the soonest to expire comes first, with its days and what is left of its lifetime', async () => {
    await browser.open(url());
    const found = await rows();
    expect(found.map(([date]) => date)).toEqual(['2026-12-01 00:00', '2030-01-01 00:00', '2040-01-01 00:00']);
    expect(found[0]![1]).toBe('10'); // the exporter's clock stands at 2026-11-20 12:00
    expect(await browser.evaluate(`document.querySelector('#certificates meter').value`)).toBeCloseTo(10.5 / 334, 2);
    expect(await browser.evaluate(`document.querySelector('#sources').innerText`)).toContain('bad_certificate: 1');
  }, 60_000);

  test('a name full of HTML is text, and the style applies under the policy that forbids scripts', async () => {
    expect(await browser.evaluate('document.title')).toBe('cert-exporter');
    expect(await browser.evaluate(`document.querySelectorAll('img').length`)).toBe(0);
    expect(await browser.evaluate(`getComputedStyle(document.querySelector('table')).borderCollapse`)).toBe('collapse');
  }, 60_000);

  test('searching by the form shows what matches', async () => {
    await browser.evaluate(`document.querySelector('input[name=q]').value = 'SOON'; document.querySelector('form').requestSubmit()`);
    await browser.loaded((href) => href.includes('q=SOON'));
    expect((await rows()).map(([, , , , labels]) => labels)).toEqual([expect.stringContaining('soon.crt')]);
    expect(await browser.evaluate(`document.querySelector('input[name=q]').value`)).toBe('SOON');
  }, 60_000);

  test('it shows no more than /metrics does', async () => {
    const { text } = await exporter.get('/metrics');
    await browser.open(url());
    for (const [, , , , labels] of await rows()) expect(text).toContain(`{${labels}}`);
  }, 60_000);
});
