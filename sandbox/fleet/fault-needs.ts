/** What a fault needs of the machine before the world can make it. */
import type { FaultRequest } from '../faults/request.ts';
import { ensureTools } from '../tools/index.ts';
import type { FleetContext } from './context.ts';

/** Builds the program that delays packets when it is asked for the first time: seconds, and not part of `keelson up`. */
export async function needsOf(request: Pick<FaultRequest, 'what'>, context: FleetContext, say: (text: string) => void): Promise<void> {
  if (request.what !== 'latency') return;
  await ensureTools({
    names: ['packet-delay'], cacheDir: context.places.cache, path: context.environment['PATH'] ?? '', environment: context.environment, signal: context.signal,
    progress: (event) => { if (event.kind === 'building') say('building packet-delay, once'); },
    ...(context.toolsDir === undefined ? {} : { toolsDir: context.toolsDir }),
  });
}
