/** A Helm that says when it was run and for which release, and then is the real one. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toolsBin } from '../../fixtures/tools-bin.ts';

export interface HelmRun {
  readonly atMs: number;
  readonly command: string;
  readonly release: string;
  readonly namespace: string;
}

/** The command `helm` in the folder. */
export async function writeHelm(folder: string): Promise<void> {
  await writeFile(join(folder, 'helm'), `#!/bin/sh\necho "$(date +%s%N) $*" >>${folder}/runs\nexec ${join(toolsBin, 'helm')} "$@"\n`, { mode: 0o755 });
}

/** All runs so far, oldest first. */
export async function helmRuns(folder: string): Promise<readonly HelmRun[]> {
  const lines = (await readFile(join(folder, 'runs'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [at = '', command = '', release = ''] = line.split(' ');
    return { atMs: Number(at) / 1e6, command, release, namespace: /--namespace=(\S+)/.exec(line)?.[1] ?? '' };
  });
}
