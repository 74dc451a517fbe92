import { placesFor } from '../places.ts';
import type { CliContext } from '../context.ts';

/** Prints the folder of the pinned tools: `PATH="$(keelson tools path):$PATH"`. */
export function toolsPath(context: CliContext): void {
  context.stdout.write(`${placesFor(context).tools}\n`);
}
