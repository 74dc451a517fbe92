/** A round of Service addresses: the way that leads through kube-proxy, or through what stands in its place. */
import type { Clock } from '../core/clock.ts';
import { connect, type ConnectResult } from './connect.ts';
import type { Meter } from './meter.ts';
import { hostPort } from './peers/peer.ts';

export interface ServiceAddress {
  readonly service: 'own' | 'kubernetes';
  readonly address: string;
  readonly port: number;
}

export interface ServiceRound {
  readonly service: ServiceAddress;
  /** Of each attempt that was made. */
  readonly results: readonly ConnectResult[];
}

/** A second attempt may lead to another pod: one that has just died is no fault of the Service. Never rejects. */
export function serviceRound(services: readonly ServiceAddress[], options: { timeoutMs: number; clock: Clock; signal: AbortSignal }): Promise<readonly ServiceRound[]> {
  return Promise.all(services.map(async (service): Promise<ServiceRound> => {
    const first = await connect(service.address, service.port, options);
    if (first.kind === 'connected') return { service, results: [first] };
    return { service, results: [first, await connect(service.address, service.port, options)] };
  }));
}

export const isUp = ({ results }: ServiceRound): boolean => results.at(-1)?.kind === 'connected';

export function recordServices(meter: Meter, rounds: readonly ServiceRound[]): void {
  for (const { service: { service, address, port }, results } of rounds) {
    const last = results.at(-1);
    meter.set('net_exporter_service_up', { service }, last?.kind === 'connected' ? 1 : 0);
    if (last?.kind === 'connected') meter.set('net_exporter_service_connect_seconds', { service }, last.seconds);
    for (const result of results) {
      if (result.kind === 'failed') meter.add('net_exporter_service_errors_total', { service, kind: result.error });
      if (service !== 'own') continue;
      // As the exporter that is replaced has it: the ClusterIP is one host among the peers.
      const host = hostPort(address, port);
      meter.add('network_dial_error_total', { host }, result.kind === 'failed' ? 1 : 0);
      if (result.kind === 'connected') meter.observe('network_latency_seconds', { host }, result.seconds);
    }
  }
}
