/** Repeats what the cloud asks to repeat: 429 and 503 for every call, broken connections for those that change nothing. Never past the deadline. */
import type { Clock, Random } from './clock.ts';
import { CloudError } from './errors.ts';
import type { Answer } from './http.ts';

export interface RetryOptions {
  /** Tries in all. */
  readonly attempts: number;
  /** Milliseconds for all tries and pauses together. */
  readonly deadlineMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal | undefined;
  /** Doing it twice is as good as once. */
  readonly isSafe: boolean;
}

const firstPauseMs = 500;
const longestPauseMs = 30_000;
const longestAskedMs = 60_000;

/** @param send one try; @param unreachable makes the error of a call that got no answer */
export async function withRetries(options: RetryOptions, send: () => Promise<Answer>, unreachable: (cause: unknown) => CloudError): Promise<Answer> {
  const end = options.clock.now() + options.deadlineMs;
  for (let attempt = 1; ; attempt += 1) {
    const mayRepeat = (pauseMs: number): boolean => attempt < options.attempts && options.clock.now() + pauseMs < end;
    let pauseMs = backoffMs(attempt, options.random);
    try {
      const answer = await send();
      if (answer.status !== 429 && answer.status !== 503) return answer;
      pauseMs = askedMs(answer, options.clock) ?? pauseMs;
      if (!mayRepeat(pauseMs)) return answer;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof CloudError) throw error;
      if (!options.isSafe || !mayRepeat(pauseMs)) throw unreachable(error);
    }
    await options.clock.sleep(pauseMs, options.signal);
  }
}

/** 0.5 s, doubled each time up to 30 s, between half and all of it. */
function backoffMs(attempt: number, random: Random): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1)) * (0.5 + random() / 2);
}

/** Retry-After, in seconds or as a date (RFC 9110, 10.2.3); the cloud's own word wins, up to a minute. */
export function askedMs(answer: Pick<Answer, 'headers'>, clock: Clock): number | undefined {
  const header = answer.headers['retry-after'];
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.now();
  return Number.isFinite(ms) ? Math.min(longestAskedMs, Math.max(0, ms)) : undefined;
}
