/**
 * `world.json`: what must be known after the world's processes are gone. Written by the supervisor before the world runs
 * and after it ended, by the world process in between, so there is one writer at any time.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { orNoDisk, WorldError } from './errors.ts';

const schema = z.object({
  version: z.literal(1),
  /** The process that holds the world's PID namespace; killing it kills the world. */
  process: z.object({ pid: z.number().int().positive(), startTime: z.number().nonnegative(), startedAt: z.string() }).optional(),
  /** Absolute paths of the control groups that were made for servers. */
  cgroups: z.array(z.string()),
  /** Last port of each relay on 127.0.0.1, so that kubeconfigs and bookmarks stay good. */
  ports: z.record(z.string(), z.number().int().min(1).max(65535)),
  /** Targets of the relays that are open: a world that goes on after a kill opens them again. */
  relays: z.record(z.string(), z.object({ address: z.string(), port: z.number().int().min(1).max(65535) })).default({}),
});

export type WorldRecord = z.infer<typeof schema>;

export const emptyRecord: WorldRecord = { version: 1, cgroups: [], ports: {}, relays: {} };

/** A file that is not there, or that a full disk cut short, counts as an empty record: then no process is known, and none is killed. */
export async function readRecord(file: string): Promise<WorldRecord> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new WorldError('WORLD_STATE_STALE', `cannot read ${file}: ${error.message}`, { cause: error });
  });
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : emptyRecord;
}

/** Whole or not at all: a reader never sees half a file. Throws WORLD_NO_DISK. */
export async function writeRecord(file: string, record: WorldRecord): Promise<void> {
  const draft = `${file}.${process.pid}`;
  try {
    await writeFile(draft, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    throw orNoDisk(error, file);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
