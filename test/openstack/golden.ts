/** What was observed on the real lab, one file per case, for runs without one. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Observation } from './observation.ts';

const folder = join(import.meta.dirname, 'observed');

function fileOf(name: string): string {
  return join(folder, `${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.json`);
}

/** undefined: this case was never run on the lab. */
export async function readGolden(name: string): Promise<Observation | undefined> {
  const text = await readFile(fileOf(name), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text) as Observation;
}

/** Replaces what is there; `isWhole` also removes files of cases that no longer exist. */
export async function writeGolden(observations: readonly Observation[], isWhole: boolean): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = new Set(observations.map((one) => fileOf(one.case)));
  for (const observation of observations) await writeFile(fileOf(observation.case), `${JSON.stringify(observation, null, 1)}\n`);
  if (!isWhole) return;
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (name.endsWith('.json') && !files.has(file)) await rm(file);
  }
}
