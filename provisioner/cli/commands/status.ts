import { isHealthy } from '../../../sandbox/fleet/fleet-status.ts';
import { lookAt } from '../../../sandbox/fleet/look.ts';
import { renderScreen } from '../../../sandbox/fleet/screen.ts';
import type { CliContext, OutputOptions } from '../context.ts';
import { fleetContext } from '../fleet-context.ts';
import { write } from '../write.ts';

/** `keelson status`: exit code 1 when something that was asked for is missing. */
export async function status(context: CliContext, options: OutputOptions): Promise<void> {
  const fleet = await lookAt(fleetContext(context));
  write(context, options.output, fleet, () => renderScreen(fleet));
  context.setExitCode(isHealthy(fleet) ? 0 : 1);
}
