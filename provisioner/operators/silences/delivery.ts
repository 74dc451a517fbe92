/**
 * Brings the wanted silences to every Alertmanager, one after the other: those of a pair tell each other what they got, so
 * the second as a rule has it already when it is asked. What is where is read from them each time; nothing is remembered, so
 * it does not matter when this process dies.
 */
import { lookup } from 'node:dns/promises';
import { type Clock, type Log, sleep } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import { Alertmanager } from './alertmanager.ts';
import { difference } from './difference.ts';
import { keyIn } from './mark.ts';
import type { WantedSilence } from './wanted.ts';

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
  /** How long two of a pair take to tell each other; default 1 s. */
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
      if (hasWritten) await sleep(this.#o.settleMs ?? 1000, { clock: this.#o.clock, signal });
      const { delivered, writes } = await this.#deliverTo(new Alertmanager(url), wanted, signal);
      hasWritten = writes > 0;
      done.push(delivered);
    }
    return done;
  }

  async #deliverTo(alertmanager: Alertmanager, wanted: readonly WantedSilence[], signal: AbortSignal): Promise<{ readonly delivered: Delivered; readonly writes: number }> {
    const { clock, log, onChange } = this.#o;
    const { url } = alertmanager;
    let writes = 0;
    const refused: string[] = [];
    try {
      const { put, expire } = difference(await alertmanager.silences(signal), wanted, clock.now());
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
