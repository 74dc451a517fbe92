import { runDemo } from '../../../sandbox/fleet/demo.ts';
import { progressOn } from '../../../sandbox/fleet/progress.ts';
import type { CliContext, OutputOptions } from '../context.ts';
import { fleetContext } from '../fleet-context.ts';
import { write } from '../write.ts';

/** `keelson demo`: a certificate that expires in a day, its page, the repair, the page resolved. */
export async function demo(context: CliContext, options: OutputOptions): Promise<void> {
  const progress = progressOn({ isTTY: context.stderr.isTTY ?? false, columns: context.stderr.columns, write: (text) => void context.stderr.write(text) }, () => performance.now());
  try {
    const { reports, error } = await runDemo(fleetContext(context), progress, (text) => options.output === 'table' && context.stdout.write(text));
    if (options.output !== 'table') write(context, options.output, reports, () => '');
    if (error !== undefined) throw error;
  } finally {
    progress.close();
  }
}
