/** System packages and pinned tools: everything that the machine must give before the first process starts. */
import { readFile } from 'node:fs/promises';
import { ensurePackages } from '../packages/index.ts';
import { ensurePreviousKubernetes, ensureTools, previousKubernetesVersion } from '../tools/index.ts';
import { oneUserProgram } from '../world/one-user.ts';
import { duration, type ToolsProgress } from '../tools/progress.ts';
import type { FleetContext } from './context.ts';
import { FleetError } from './errors.ts';
import type { Phase } from './phases.ts';
import { hasVolumes, volumeTools } from './volumes.ts';

export const packagesPhase: Phase<FleetContext> = {
  name: 'packages',
  title: 'System packages',
  async run(context, step) {
    const outcome = await ensurePackages({
      packages: [],
      allowInstall: context.allowPackages,
      isRoot: process.getuid?.() === 0,
      osRelease: await readFile('/etc/os-release', 'utf8').catch(() => undefined),
      path: context.environment['PATH'] ?? '',
      signal: context.signal,
      progress: step,
    });
    if (outcome.kind === 'missing') throw new FleetError('FLEET_PHASE_FAILED', `${outcome.reason}; type: ${outcome.line}`);
  },
};

export const toolsPhase: Phase<FleetContext> = {
  name: 'tools',
  title: 'Tools',
  async run(context, step) {
    const options = { cacheDir: context.places.cache, environment: context.environment, signal: context.signal, progress: (event: ToolsProgress) => step(inWords(event)) };
    const given = context.toolsDir === undefined ? {} : { toolsDir: context.toolsDir };
    await ensureTools({ ...options, ...given, path: context.environment['PATH'] ?? '' });
    // Without root one more, of ours (sandbox/world/one-user.ts).
    if (process.getuid?.() !== 0) await ensureTools({ ...options, ...given, names: [oneUserProgram], path: '' });
    if (await hasVolumes(context)) await ensureTools({ ...options, ...given, names: volumeTools, path: '' });
    if (context.shape?.kubernetesVersion === `v${previousKubernetesVersion}`) await ensurePreviousKubernetes(options);
  },
};

function inWords(event: ToolsProgress): string {
  switch (event.kind) {
    case 'plan':
      return `${event.families.length} families to build, about ${duration(event.estimateSeconds)}, once`;
    case 'waiting':
      return `process ${event.pid} builds them already`;
    case 'damaged':
      return `${event.file} ${event.reason}, building it again`;
    case 'building':
      return `${event.index} of ${event.total}: ${event.family}, ${duration(event.elapsedSeconds)} gone, about ${duration(event.remainingSeconds)} left`;
    case 'retry':
      return `${event.family}: ${event.reason}; again in ${duration(event.waitSeconds)}`;
    case 'built':
      return `${event.index} of ${event.total}: ${event.family} built in ${duration(event.wallSeconds)}`;
    case 'cleaned':
      return `build cache ${event.folder} removed`;
  }
}
