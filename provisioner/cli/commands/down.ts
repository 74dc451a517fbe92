import { takeDown } from '../../../sandbox/fleet/down.ts';
import type { CliContext } from '../context.ts';
import { fleetContext } from '../fleet-context.ts';

/** `keelson down`: ends the fleet; the cache and the last report stay. */
export async function down(context: CliContext): Promise<void> {
  await takeDown(fleetContext(context));
  context.stderr.write('keelson: the fleet is down\n');
}
