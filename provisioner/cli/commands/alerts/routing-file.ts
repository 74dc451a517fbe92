/** The routing that a command works on: a file, or what the chart has. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { defaultRouting, simpleRouting } from '../../../../monitoring/routes/config.ts';
import { parseRouting, type Routing } from '../../../../monitoring/routes/routing.ts';
import { CliError } from '../../errors.ts';

/** @throws CliError CLI_FILE_UNREADABLE, CLI_MANIFEST_BROKEN; RoutingError ROUTING_INVALID */
export async function readRouting(file: string | undefined): Promise<Routing> {
  if (file === undefined) return simpleRouting(defaultRouting);
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new CliError('CLI_FILE_UNREADABLE', `cannot read ${file}: ${error.message}`, { cause: error });
  });
  return parseRouting(parsed(file, text));
}

function parsed(file: string, text: string): unknown {
  try {
    return parse(text, { version: '1.1' });
  } catch (error) {
    throw new CliError('CLI_MANIFEST_BROKEN', `${file} is no YAML: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
