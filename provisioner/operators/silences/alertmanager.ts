/** The part of Alertmanager's API v2 that is about silences (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml). */
import { z } from 'zod';
import { OperatorError } from '../errors.ts';

/** Whatever it is, what does not answer by then does not answer. */
const timeoutMs = 5000;

const matcher = z.object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean().default(true) });
const silence = z.object({
  id: z.string().min(1),
  status: z.object({ state: z.enum(['expired', 'active', 'pending']) }),
  matchers: z.array(matcher),
  startsAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  endsAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  createdBy: z.string(),
  comment: z.string(),
});

export type ListedSilence = z.output<typeof silence>;

/** @property id of the one it takes the place of; without it another one is made */
export interface NewSilence extends Omit<z.input<typeof silence>, 'id' | 'status'> {
  readonly id?: string;
}

export class Alertmanager {
  /** Without a slash at the end. */
  readonly url: string;

  constructor(url: string) {
    this.url = url.replace(/\/+$/, '');
  }

  /** Those that are not over. @throws {OperatorError} ALERTMANAGER_FAILED */
  async silences(signal: AbortSignal): Promise<ListedSilence[]> {
    const parsed = z.array(silence).safeParse(await this.#call('GET', '/api/v2/silences', { signal }));
    if (!parsed.success) throw new OperatorError('ALERTMANAGER_FAILED', `Alertmanager ${this.url}: its list of silences is not what API v2 says; is it an Alertmanager?`, { cause: parsed.error });
    return parsed.data.filter(({ status }) => status.state !== 'expired');
  }

  /** @throws {OperatorError} ALERTMANAGER_FAILED with what Alertmanager says against it */
  async put(wanted: NewSilence, signal: AbortSignal): Promise<void> {
    await this.#call('POST', '/api/v2/silences', { body: wanted, signal });
  }

  /** Ends it; one that is over or gone already is no error. @throws {OperatorError} ALERTMANAGER_FAILED */
  async expire(id: string, signal: AbortSignal): Promise<void> {
    await this.#call('DELETE', `/api/v2/silence/${encodeURIComponent(id)}`, { signal, isMissingFine: true });
  }

  async #call(method: string, path: string, o: { readonly body?: unknown; readonly signal: AbortSignal; readonly isMissingFine?: boolean }): Promise<unknown> {
    const failed = (why: string, cause?: unknown): OperatorError => new OperatorError('ALERTMANAGER_FAILED', `Alertmanager ${this.url}: ${method} ${path}: ${why}`, { cause });
    let answer: { status: number; text: string };
    try {
      const response = await fetch(this.url + path, {
        method, signal: AbortSignal.any([o.signal, AbortSignal.timeout(timeoutMs)]),
        ...(o.body === undefined ? {} : { body: JSON.stringify(o.body), headers: { 'content-type': 'application/json' } }),
      });
      answer = { status: response.status, text: await response.text() };
    } catch (error) {
      o.signal.throwIfAborted();
      throw failed(`no answer (${reasonOf(error)})`, error);
    }
    if (answer.status === 404 && o.isMissingFine) return undefined;
    if (answer.status !== 200) throw failed(`status ${answer.status}: ${answer.text.trim().slice(0, 300)}`);
    try {
      return answer.text.trim() === '' ? undefined : (JSON.parse(answer.text) as unknown);
    } catch (error) {
      throw failed('the answer is no JSON', error);
    }
  }
}

/** fetch says "fetch failed"; why is in its cause. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string; message?: string } };
  return name === 'TimeoutError' ? `within ${timeoutMs / 1000} s` : (cause?.code ?? cause?.message ?? message);
}
