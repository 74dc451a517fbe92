/** The last words of a world that could not go on: a file in its run folder, for whoever looks for it afterwards. */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ControlFailure } from './control-api.ts';
import { WorldError } from './errors.ts';

/** Written synchronously, because the process is about to end. Throws the system's error. */
export function writeFailure(file: string, error: unknown): void {
  const failure: ControlFailure = {
    code: error instanceof WorldError ? error.code : 'WORLD_START_FAILED',
    message: error instanceof Error ? error.message : String(error),
  };
  writeFileSync(file, JSON.stringify(failure), { mode: 0o600 });
}

/** Undefined when no world left any, or not in full. */
export async function readFailure(file: string): Promise<ControlFailure | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return text === '' ? undefined : (JSON.parse(text) as ControlFailure);
  } catch {
    return undefined;
  }
}
