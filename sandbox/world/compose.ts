/** Puts the world's parts together: which class stands behind which part is decided here and nowhere else. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { stringify } from 'yaml';
import { MachineError, MachineHost } from '../machines/index.ts';
import { externalNetwork, NetworkFabric } from '../network/index.ts';
import { createCloud, type Cloud } from '../openstack/index.ts';
import { Pager } from '../pager/index.ts';
import type { WorldConfiguration } from './configuration.ts';
import { WorldError } from './errors.ts';
import type { CloudPart, MachinesPart, Parts } from './parts.ts';
import type { WorldPaths } from './world-paths.ts';

/** Fixed in docs/architecture.md. */
export const pagerPort = 9099;

export interface ComposeOptions {
  readonly configuration: WorldConfiguration;
  readonly paths: WorldPaths;
  readonly log: Logger;
  /** Told before a control group is made for servers. */
  readonly onCgroup: (path: string) => Promise<void>;
}

export async function compose({ configuration, paths, log, onCgroup }: ComposeOptions): Promise<Parts> {
  const fabric = new NetworkFabric({ onTrouble: (error) => { log.warn({ err: error }, 'the fabric mended something'); } });
  const pager = new Pager({ address: externalNetwork.pager, port: pagerPort, file: paths.pages, runbooks: join(configuration.repository, 'docs', 'runbooks') });
  const worldName = nameOf(paths.state);
  const host = new MachineHost({
    stateDir: paths.run, toolsDir: configuration.toolsFolder, repoDir: configuration.repository, worldName,
    log: (line) => { log.info({ part: 'machines' }, line); },
    ...(configuration.imagesFolder === undefined ? {} : { imagesDir: configuration.imagesFolder }),
  });
  const cgroups = await cgroup2Mount();
  if (cgroups !== undefined) await onCgroup(join(cgroups, `keelson-${worldName}`));
  await host.start();
  const cloud = createCloud({ fabric, hypervisor: host, log, listen: { host: externalNetwork.api } });
  return { fabric, machines: machinesPart(host), cloud: withCloudsFile(cloud, paths.clouds), pager };
}

/** The same for every world in one state folder, so that the next one finds the control group of a killed one. */
function nameOf(stateFolder: string): string {
  return createHash('sha256').update(stateFolder).digest('hex').slice(0, 8);
}

/** Where the machine shows control groups of version 2: `/sys/fs/cgroup`, or a folder below it beside version 1. */
async function cgroup2Mount(): Promise<string | undefined> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  return table.split('\n').find((line) => line.includes(' - cgroup2 '))?.split(' ')[4];
}

function machinesPart(host: MachineHost): MachinesPart {
  return {
    servers: () => host.servers(),
    exec: async (id, { argv, stdin, timeoutMs }) => {
      const { code, stdout, stderr } = await known(() => host.exec(id, argv, { ...(stdin === undefined ? {} : { stdin }), timeoutMs: timeoutMs ?? 60_000 }));
      return { status: code, stdout, stderr };
    },
    console: (id, lines) => known(() => host.consoleLog(id, lines)),
    stop: () => host.stop(),
  };
}

/** A server that is not there is an answer of the control interface, not a failure of the world. */
async function known<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof MachineError && error.code === 'MACHINE_UNKNOWN') throw new WorldError('WORLD_NOT_FOUND', error.message, { cause: error });
    throw error;
  }
}

/** The cloud with its credentials on disk; `openstack` is the entry that users and charts name. */
function withCloudsFile(cloud: Cloud, file: string): CloudPart {
  return {
    start: async () => {
      await cloud.start();
      const { clouds } = cloud.clouds();
      await writeFile(file, stringify({ clouds: { openstack: clouds['keelson'], ...clouds } }, { aliasDuplicateObjects: false }), { mode: 0o600 });
    },
    stop: () => cloud.stop(),
  };
}
