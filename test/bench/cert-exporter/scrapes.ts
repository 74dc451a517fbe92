/** Scrapes as Prometheus makes them, and what they cost. */
import { Agent, request } from 'node:http';
import type { Measured } from './process.ts';

export interface Scrape {
  readonly ms: number;
  readonly bytes: number;
}

const agent = new Agent({ keepAlive: true });

/** One GET of /metrics with gzip. */
export function scrape(port: number, path = '/metrics'): Promise<Scrape & { status: number }> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, agent, headers: { accept: 'application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5', 'accept-encoding': 'gzip' } }, (response) => {
      let bytes = 0;
      response.on('data', (part: Buffer) => (bytes += part.length));
      response.on('end', () => resolve({ ms: performance.now() - started, bytes, status: response.statusCode ?? 0 })).on('error', reject);
    }).on('error', reject).end();
  });
}

export interface Costs {
  readonly p99Ms: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

/** @param pauseMs between two scrapes */
export async function manyScrapes(port: number, of: Measured, { count, pauseMs }: { count: number; pauseMs: number }): Promise<Costs> {
  const before = of.cpuMs();
  const started = performance.now();
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i < count; i++) {
    const one = await scrape(port);
    times.push(one.ms);
    bytes = one.bytes;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  const spent = of.cpuMs() - before;
  const lasted = performance.now() - started;
  // What the process uses by itself in the same time is not the scrapes'.
  const idleBefore = of.cpuMs();
  await new Promise((resolve) => setTimeout(resolve, lasted));
  const idle = of.cpuMs() - idleBefore;
  times.sort((a, b) => a - b);
  return { p99Ms: times[Math.ceil(0.99 * times.length) - 1] ?? NaN, cpuMs: (spent - idle) / count, bytes };
}
