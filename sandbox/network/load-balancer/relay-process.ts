/** The fabric's side of a relay process: starts it in the load balancer's namespace, hands it configurations, starts it again when it dies. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Readable, Writable } from 'node:stream';
import { NetworkError } from '../errors.ts';
import type { Health, Listener, RelayEvent } from './protocol.ts';

/** A relay moves bytes and little else: small heaps keep it at some 60 MB resident, most of it shared text of Node.js. */
const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-old-space-size=64', '--max-semi-space-size=2', '--optimize-for-size'];
const program = fileURLToPath(new URL('main.ts', import.meta.url));
const applyTimeoutMs = 30_000;

export interface RelayProcessOptions {
  readonly namespace: string;
  /** Said in errors: "load balancer 4f…". */
  readonly on: string;
  readonly onHealth: (memberId: string, state: Health) => void;
  /** Told when the process ended by itself; it is started again. */
  readonly onTrouble: (error: NetworkError) => void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
interface Waiting { readonly resolve: () => void; readonly reject: (error: unknown) => void; readonly timer: NodeJS.Timeout }

export class RelayProcess {
  readonly #options: RelayProcessOptions;
  readonly #waiting = new Map<number, Waiting>();
  #listeners: readonly Listener[] = [];
  #revision = 0;
  #child: Child | undefined;
  #words = '';
  #isStopped = false;
  #restart: NodeJS.Timeout | undefined;

  constructor(options: RelayProcessOptions) {
    this.#options = options;
  }

  /** Resolves when these listeners are open. Throws NETWORK_RELAY_FAILED. */
  apply(listeners: readonly Listener[]): Promise<void> {
    this.#listeners = listeners;
    const revision = ++this.#revision;
    const child = this.#child ?? this.#start();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => { this.#settle(revision, `did not answer within ${applyTimeoutMs} ms`); }, applyTimeoutMs);
      this.#waiting.set(revision, { resolve, reject, timer });
      send(child, revision, listeners);
    });
  }

  /** Ends the process and all its connections. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((resolve) => { child.once('close', () => { resolve(); }).kill('SIGKILL'); });
  }

  #start(): Child {
    const child = spawn('nsenter', [`--net=/run/netns/${this.#options.namespace}`, process.execPath, ...nodeFlags, program], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    this.#words = '';
    const startedAt = performance.now();
    child.stdin.on('error', () => undefined);
    child.stderr.setEncoding('utf8').on('data', (text: string) => { this.#words = (this.#words + text).slice(-2000); });
    createInterface({ input: child.stdout }).on('line', (line) => { this.#hear(JSON.parse(line) as RelayEvent); });
    child.on('error', (error) => { this.#words += error.message; });
    child.on('close', (status, signal) => { this.#ended(`ended (${signal ?? `status ${status}`}): ${this.#words.trim() || 'no words'}`, performance.now() - startedAt); });
    return child;
  }

  #hear(event: RelayEvent): void {
    if (event.event === 'health') this.#options.onHealth(event.member, event.state);
    else this.#settle(event.revision, event.failures.map((failure) => `listener ${failure.listener}: ${failure.reason}`).join('; '));
  }

  #settle(revision: number, failure: string): void {
    const waiting = this.#waiting.get(revision);
    if (!waiting) return;
    this.#waiting.delete(revision);
    clearTimeout(waiting.timer);
    if (failure === '') waiting.resolve();
    else waiting.reject(new NetworkError('NETWORK_RELAY_FAILED', `relay of ${this.#options.on}: ${failure}`));
  }

  /** A relay that dies takes its connections along, like an amphora that fails; it is back within a second, later when it dies early. */
  #ended(reason: string, livedMs: number): void {
    this.#child = undefined;
    for (const revision of [...this.#waiting.keys()]) this.#settle(revision, reason);
    if (this.#isStopped) return;
    this.#options.onTrouble(new NetworkError('NETWORK_RELAY_FAILED', `relay of ${this.#options.on} ${reason}`));
    this.#restart = setTimeout(() => { send(this.#start(), this.#revision, this.#listeners); }, livedMs < 5000 ? 5000 : 200);
  }
}

function send(child: Child, revision: number, listeners: readonly Listener[]): void {
  child.stdin.write(`${JSON.stringify({ revision, listeners })}\n`);
}
