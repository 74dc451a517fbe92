/** Asks a Prometheus the queries of boards: https://prometheus.io/docs/prometheus/latest/querying/api/ */
import { z } from 'zod';
import type { Answer, Series } from '../../../../dashboards/preview/answer.ts';
import { CliError } from '../../errors.ts';

const value = z.tuple([z.number(), z.string()]);
const result = z.array(z.object({ metric: z.record(z.string(), z.string()), value: value.optional(), values: z.array(value).optional() }));
const success = z.object({ status: z.literal('success'), data: z.object({ result: z.union([result, value]) }) });
const failure = z.object({ status: z.literal('error'), error: z.string() });

export interface Question {
  readonly expr: string;
  /** One value now; otherwise over time. */
  readonly isInstant: boolean;
}

export interface AskOptions {
  /** http://host:port, without the last slash. */
  readonly prometheus: string;
  /** How far back a query over time goes. */
  readonly hours: number;
  readonly now: Date;
  readonly signal: AbortSignal;
}

const timeoutMs = 15_000;
/** Points of a line. */
const points = 120;

/** An answer to a query that Prometheus refuses is that refusal. @throws CliError CLI_BAD_OPTION when there is no Prometheus */
export async function ask({ expr, isInstant }: Question, { prometheus, hours, now, signal }: AskOptions): Promise<Answer> {
  const end = now.getTime() / 1000;
  const parameters = isInstant ? { query: expr, time: String(end) } : { query: expr, start: String(end - hours * 3600), end: String(end), step: String(Math.max(1, (hours * 3600) / points)) };
  let response: Response;
  try {
    response = await fetch(`${prometheus}/api/v1/${isInstant ? 'query' : 'query_range'}`, { method: 'POST', body: new URLSearchParams(parameters), signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
  } catch (cause) {
    throw new CliError('CLI_BAD_OPTION', `--prometheus ${prometheus} does not answer; write it as http://host:port`, { cause });
  }
  const body: unknown = await response.json().catch(() => undefined);
  const good = success.safeParse(body).data;
  if (good) return { kind: 'series', series: seriesOf(good.data.result) };
  return { kind: 'error', message: failure.safeParse(body).data?.error ?? `status ${response.status}` };
}

/** A scalar is a series without labels. */
function seriesOf(found: z.infer<typeof success>['data']['result']): Series[] {
  if (isScalar(found)) return [{ labels: {}, points: [pointOf(found)] }];
  return found.map(({ metric, value: one, values = one ? [one] : [] }) => ({ labels: metric, points: values.map(pointOf) }));
}

function isScalar(found: z.infer<typeof success>['data']['result']): found is [number, string] {
  return typeof found[0] === 'number';
}

function pointOf([time, text]: readonly [number, string]): readonly [number, number] {
  return [time, Number(text.replace('Inf', 'Infinity'))];
}
