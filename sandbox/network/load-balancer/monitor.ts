/** Watches the members of one listener as Octavia's health monitors do, and says when one changes its state. */
import { createSocket } from 'node:dgram';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import type { Health, Member, Monitor } from './protocol.ts';

interface Watched { readonly stop: AbortController; readonly member: Member; state: Health | undefined; streak: number }

export class HealthMonitor {
  readonly #watched = new Map<string, Watched>();
  readonly #onChange: (memberId: string, state: Health) => void;
  #monitor: Monitor | undefined;

  constructor(onChange: (memberId: string, state: Health) => void) {
    this.#onChange = onChange;
  }

  /** Watches these members from now on; one that stays with its address keeps its state. */
  update(members: readonly Member[], monitor: Monitor | undefined): void {
    const changed = JSON.stringify(monitor) !== JSON.stringify(this.#monitor);
    this.#monitor = monitor;
    for (const [id, watched] of this.#watched) {
      const now = members.find((member) => member.id === id);
      if (!changed && now && now.address === watched.member.address && now.port === watched.member.port) continue;
      watched.stop.abort();
      this.#watched.delete(id);
    }
    if (!monitor) return;
    for (const member of members) if (!this.#watched.has(member.id)) this.#watch(member, monitor);
  }

  /** Members that no check has seen yet, or that have no monitor, count as online: HAProxy starts its servers as up. */
  isOnline(memberId: string): boolean {
    return this.#watched.get(memberId)?.state !== 'ERROR';
  }

  stop(): void {
    this.update([], undefined);
  }

  #watch(member: Member, monitor: Monitor): void {
    const watched: Watched = { stop: new AbortController(), member, state: undefined, streak: 0 };
    this.#watched.set(member.id, watched);
    const { signal } = watched.stop;
    const round = async (): Promise<void> => {
      const isGood = await check(member, monitor, signal);
      if (signal.aborted) return;
      this.#note(watched, isGood ? 'ONLINE' : 'ERROR', monitor.maxRetries);
      const timer = setTimeout(() => { void round(); }, monitor.delayMs);
      signal.addEventListener('abort', () => { clearTimeout(timer); }, { once: true });
    };
    void round();
  }

  /** The first check decides at once (HAProxy takes a new server down on its first failure); later ones must agree. */
  #note(watched: Watched, seen: Health, maxRetries: number): void {
    watched.streak = seen === watched.state ? 0 : watched.streak + 1;
    if (watched.state !== undefined && watched.streak < maxRetries) return;
    if (seen === watched.state) return;
    watched.state = seen;
    watched.streak = 0;
    this.#onChange(watched.member.id, seen);
  }
}

/** One check. HTTP and HTTPS want status 200 (Octavia's default expected_codes); certificates are not verified, as Octavia does not. */
async function check(member: Member, monitor: Monitor, signal: AbortSignal): Promise<boolean> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(monitor.timeoutMs)]);
  const target = { host: member.address, port: member.port, path: monitor.path ?? '/', agent: false as const, signal: deadline };
  switch (monitor.type) {
    case 'TCP': return opens(member, deadline);
    case 'HTTP': return answers((onResponse) => httpGet(target, onResponse));
    case 'HTTPS': return answers((onResponse) => httpsGet({ ...target, rejectUnauthorized: false }, onResponse));
    case 'UDP-CONNECT': return isNotRefused(member, deadline);
  }
}

function opens(member: Member, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: member.address, port: member.port, signal });
    socket.once('connect', () => { resolve(true); socket.destroy(); });
    socket.once('error', () => { resolve(false); });
    socket.once('close', () => { resolve(false); });
  });
}

function answers(get: (onResponse: (response: IncomingMessage) => void) => ReturnType<typeof httpGet>): Promise<boolean> {
  return new Promise((resolve) => {
    get((response) => {
      response.on('error', () => undefined).resume();
      resolve(response.statusCode === 200);
    }).on('error', () => { resolve(false); });
  });
}

/** A closed UDP port answers with an ICMP error; silence counts as good, as in Octavia's UDP-CONNECT. */
function isNotRefused(member: Member, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (isGood: boolean): void => { resolve(isGood); socket.removeAllListeners().on('error', () => undefined).close(); };
    socket.once('error', () => { end(false); });
    socket.connect(member.port, member.address, () => { socket.send(Buffer.alloc(0)); });
    signal.addEventListener('abort', () => { end(true); }, { once: true });
  });
}
