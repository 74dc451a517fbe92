/** `keelson alerts render`: Alertmanager's configuration of a routing, as values of the chart monitoring. */
import { stringify } from 'yaml';
import { renderRouting } from '../../../../monitoring/routes/config.ts';
import type { CliContext } from '../../context.ts';
import { readRouting } from './routing-file.ts';

export type RenderOptions = Readonly<Record<string, never>>;

/** @throws see readRouting */
export async function alertsRender(context: CliContext, file: string, _options: RenderOptions): Promise<void> {
  const config = renderRouting(await readRouting(file));
  context.stdout.write(stringify({ alertmanager: { config } }, { version: '1.1', lineWidth: 0 }));
}
