/** Configurations of an exporter as a user gives them: a file, and flags over it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { z } from 'zod';
import { loadConfig } from '../../exporters/core/config.ts';
import { parseFlags, type Flag } from '../../exporters/core/flags.ts';

/** Reads a text as the file of `--config`. */
export async function configOf<T extends z.ZodObject>(schema: T, flags: readonly Flag[], text: string, argv: readonly string[] = []): Promise<z.output<T>> {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  try {
    const path = join(folder, 'config.yaml');
    await writeFile(path, text);
    return await loadConfig(schema, { path, overrides: parseFlags(argv, flags).overrides });
  } finally {
    await rm(folder, { recursive: true });
  }
}
