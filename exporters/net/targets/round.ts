/** A round of the configured targets, and the metrics of it. */
import { isIP } from 'node:net';
import type { Clock, Random } from '../../core/clock.ts';
import type { ConnectError, DnsResult } from '../catalogue.ts';
import type { Config } from '../config.ts';
import { connect } from '../connect.ts';
import { ask } from '../dns/ask.ts';
import type { Meter } from '../meter.ts';
import { get } from './http.ts';

type Target = Config['targets'][number];

export interface TargetsOptions {
  readonly targets: readonly Target[];
  /** Addresses of a name. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  readonly readFile: (path: string) => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
}

export interface TargetRound {
  readonly target: Target;
  readonly error: ConnectError | DnsResult | undefined;
  readonly detail: string;
  readonly seconds: number | undefined;
  readonly certificateNotAfter: number | undefined;
}

/** Never rejects. */
export function targetsRound({ targets, ...options }: TargetsOptions, signal: AbortSignal): Promise<readonly TargetRound[]> {
  return Promise.all(targets.map(async (target): Promise<TargetRound> => ({ target, ...(await probe(target, options, signal)) })));
}

type Outcome = Omit<TargetRound, 'target'>;

const failed = (error: ConnectError | DnsResult, detail: string): Outcome => ({ error, detail, seconds: undefined, certificateNotAfter: undefined });

async function probe(target: Target, options: Omit<TargetsOptions, 'targets'>, signal: AbortSignal): Promise<Outcome> {
  const { clock, random } = options;
  const timeoutMs = target.timeoutSeconds * 1000;
  if (target.type === 'dns') {
    const { query: name, server: address, port, tcp } = target;
    const { result, seconds, addresses } = await ask({ server: { address, port }, proto: tcp ? 'tcp' : 'udp', name, type: 'A', timeoutMs, clock, random, signal });
    if (result === 'NOERROR' && addresses.length > 0) return { error: undefined, detail: '', seconds, certificateNotAfter: undefined };
    return failed(result === 'NOERROR' ? 'EMPTY' : result, name);
  }
  const url = target.type === 'http' ? new URL(target.url) : undefined;
  const host = target.type === 'tcp' ? target.host : (url?.hostname ?? '').replace(/^\[|\]$/g, '');
  const [address] = isIP(host) ? [host] : await options.resolve(host).catch(() => []);
  if (address === undefined) return failed('no_route', `${host} has no address`);
  if (target.type === 'tcp') {
    const result = await connect(address, target.port, { timeoutMs, clock, signal });
    return result.kind === 'connected' ? { error: undefined, detail: '', seconds: result.seconds, certificateNotAfter: undefined } : failed(result.error, result.detail);
  }
  const ca = target.caFile === undefined ? undefined : await options.readFile(target.caFile).catch(() => undefined);
  if (target.caFile !== undefined && ca === undefined) return failed('other', `${target.caFile} cannot be read`);
  const isExpected = (status: number): boolean => (target.statuses.length > 0 ? target.statuses.includes(status) : status < 400);
  return get({ url: url ?? new URL(target.url), address, ca, isInsecure: target.insecure, isExpected, timeoutMs, clock, signal });
}

export function recordTargets(meter: Meter, rounds: readonly TargetRound[]): void {
  for (const { target: { name, type }, error, seconds, certificateNotAfter } of rounds) {
    const labels = { target: name, type };
    meter.set('net_exporter_target_up', labels, error === undefined ? 1 : 0);
    if (seconds !== undefined) meter.set('net_exporter_target_duration_seconds', labels, seconds);
    if (error !== undefined) meter.add('net_exporter_target_errors_total', { ...labels, kind: error });
    if (certificateNotAfter !== undefined) meter.set('net_exporter_target_certificate_not_after', { target: name }, certificateNotAfter);
  }
}
