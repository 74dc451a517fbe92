import { runDemo } from '../../../sandbox/fleet/demo.ts';
import { takeDown } from '../../../sandbox/fleet/down.ts';
import { progressOn } from '../../../sandbox/fleet/progress.ts';
import { renderReport } from '../../../sandbox/fleet/report-table.ts';
import { renderScreen } from '../../../sandbox/fleet/screen.ts';
import { lookAt } from '../../../sandbox/fleet/look.ts';
import { runOnce } from '../../../sandbox/fleet/once.ts';
import { checkShape, type FleetShape } from '../../../sandbox/fleet/shape.ts';
import { bringUp } from '../../../sandbox/fleet/up.ts';
import type { CliContext, OutputFormat } from '../context.ts';
import { fleetContext } from '../fleet-context.ts';
import { write } from '../write.ts';

export interface UpCommandOptions extends FleetShape {
  readonly once?: true;
  readonly packages: boolean;
  readonly output: OutputFormat;
}

/** `keelson up`: ends with the fleet on one screen; `--once` ends with a report and nothing left. */
export async function up(context: CliContext, options: UpCommandOptions): Promise<void> {
  const { controlPlanes, workers, clusters, organizations, kubernetesVersion, volumes } = options;
  const shape: FleetShape = { controlPlanes, workers, clusters, organizations, kubernetesVersion, volumes };
  checkShape(shape);
  const fleet = fleetContext(context, { allowPackages: options.packages, shape });
  const progress = progressOn({ isTTY: context.stderr.isTTY ?? false, columns: context.stderr.columns, write: (text) => void context.stderr.write(text) }, () => performance.now());
  try {
    if (options.once) {
      const report = await runOnce(fleet, progress, { bringUp, runDemo, takeDown });
      write(context, options.output, report, () => renderReport(report));
      context.setExitCode(report.ok ? 0 : 1);
      return;
    }
    const { error } = await bringUp(fleet, progress);
    if (error !== undefined) throw error;
    const status = await lookAt(fleet);
    write(context, options.output, status, () => renderScreen(status));
  } finally {
    progress.close();
  }
}
