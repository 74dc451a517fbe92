import type { FleetContext } from '../../sandbox/fleet/context.ts';
import type { FleetShape } from '../../sandbox/fleet/shape.ts';
import type { CliContext } from './context.ts';
import { placesFor } from './places.ts';

/** The fleet of the user who runs the command. */
export function fleetContext(context: CliContext, options: { allowPackages?: boolean; shape?: FleetShape } = {}): FleetContext {
  return { places: placesFor(context), signal: context.signal, environment: context.env, toolsDir: context.env['KEELSON_TOOLS_DIR'], allowPackages: options.allowPackages ?? true, ...(options.shape ? { shape: options.shape } : {}) };
}
