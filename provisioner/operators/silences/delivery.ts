/**
 * Brings the wanted silences to every Alertmanager, one after the other: those of a pair tell each other what they got, so
 * the second as a rule has it already when it is asked. What is where is read from them each time; nothing is remembered, so
 * it does not matter when this process dies.
 */
import { lookup } from 'node:dns/promises';
import { type Clock, type Log, sleep } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import { Alertmanager } from './alertmanager.ts';
import { type Difference, difference } from './difference.ts';
import { keyIn } from './mark.ts';
import type { WantedSilence } from './wanted.ts';

const askedEveryMs = 100;

/** How one Alertmanager is after a round. */
export interface Delivered {
  readonly url: string;
  /** Why it does not have what it should; undefined: it has. */
  readonly failure: string | undefined;
  /** Keys of the silences it holds. */
  readonly holds: ReadonlySet<string>;
}

export interface DeliveryOptions {
  /** http://host:port; a host with several addresses stands for as many Alertmanagers. With https the host is one. */
  readonly urls: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** How long two of a pair may take to tell each other; default 5 s. */
  readonly settleMs?: number;
  readonly onChange?: (action: 'put' | 'expired') => void;
}

export class SilenceDelivery {
  readonly #o: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#o = options;
  }

  async deliver(wanted: readonly WantedSilence[], signal: AbortSignal): Promise<Delivered[]> {
    const done: Delivered[] = [];
    let hasWritten = false;
    for (const url of await addressesOf(this.#o.urls)) {
      const { delivered, writes } = await this.#deliverTo(new Alertmanager(url), wanted, { settleMs: hasWritten ? (this.#o.settleMs ?? 5000) : 0, signal });
      hasWritten = writes > 0;
      done.push(delivered);
    }
    return done;
  }

  async #deliverTo(alertmanager: Alertmanager, wanted: readonly WantedSilence[], { settleMs, signal }: { readonly settleMs: number; readonly signal: AbortSignal }): Promise<{ readonly delivered: Delivered; readonly writes: number }> {
    const { log, onChange } = this.#o;
    const { url } = alertmanager;
    let writes = 0;
    const refused: string[] = [];
    try {
      const { put, expire } = await this.#missing(alertmanager, wanted, { settleMs, signal });
      for (const id of expire) {
        await alertmanager.expire(id, signal);
        onChange?.('expired');
        log.info({ alertmanager: url, id }, 'silence ended');
        writes++;
      }
      for (const one of put) {
        // One that it does not take must not keep the others from it.
        await alertmanager.put(one, signal).then(() => {
          onChange?.('put');
          log.info({ alertmanager: url, silence: one.comment }, 'silence delivered');
          writes++;
        }, (error: unknown) => void refused.push(messageOf(error)));
      }
      const holds = new Set((await alertmanager.silences(signal)).map(keyIn).filter((key) => key !== undefined));
      return { delivered: { url, failure: refused[0], holds }, writes };
    } catch (error) {
      return { delivered: { url, failure: messageOf(error), holds: new Set() }, writes };
    }
  }

  /** What it does not have when its neighbour has had the time to tell it. */
  async #missing(alertmanager: Alertmanager, wanted: readonly WantedSilence[], { settleMs, signal }: { readonly settleMs: number; readonly signal: AbortSignal }): Promise<Difference> {
    const { clock } = this.#o;
    for (const began = clock.monotonicMs(); ; ) {
      const missing = difference(await alertmanager.silences(signal), wanted, clock.now());
      if (missing.put.length + missing.expire.length === 0 || clock.monotonicMs() - began >= settleMs) return missing;
      await sleep(askedEveryMs, { clock, signal });
    }
  }
}

/** @throws what is no failure of an Alertmanager */
function messageOf(error: unknown): string {
  if (error instanceof OperatorError && error.code === 'ALERTMANAGER_FAILED') return error.message;
  throw error;
}

/** One URL per address of each host: a headless Service has one for each pod. A host that has none stays as it is, and fails. */
async function addressesOf(urls: readonly string[]): Promise<string[]> {
  const found = await Promise.all(urls.map(async (text) => {
    const url = new URL(text);
    if (url.protocol !== 'http:') return [text];
    const addresses = await lookup(url.hostname.replace(/^\[|\]$/g, ''), { all: true }).catch(() => []);
    return addresses.length ? addresses.map(({ address, family }) => `http://${family === 6 ? `[${address}]` : address}${url.port ? `:${url.port}` : ''}${url.pathname}`) : [text];
  }));
  return [...new Set(found.flat())].sort();
}
