/** Whether an API server answers all the time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Keelson } from './keelson.ts';

/** Asks a cluster's API server every second until it is over. @returns when it did not answer, and what was said instead */
export async function silences(keelson: Keelson, cluster: string, isOver: AbortSignal): Promise<string[]> {
  const silent: string[] = [];
  while (!isOver.aborted) {
    const asked = await keelson.kubectl(cluster, ['get', '--raw', '/readyz', '--request-timeout', '10s']);
    if (asked.code !== 0) silent.push(`${new Date().toISOString()} ${asked.stderr.trim()}`);
    await sleep(1000, undefined, { signal: isOver }).catch(() => undefined);
  }
  return silent;
}
