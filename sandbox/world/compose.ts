/** Puts the world's parts together: which class stands behind which part is decided here and nowhere else. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { isOneUser } from '../cri/one-user.ts';
import { FaultBoard } from '../faults/board.ts';
import { availableImages, MachineError, MachineHost } from '../machines/index.ts';
import { externalNetwork, NetworkFabric } from '../network/index.ts';
import { createCloud, openStore, usualPorts } from '../openstack/index.ts';
import { Pager } from '../pager/index.ts';
import { seedWithSecretsOf, writeCloudsFile } from './cloud-file.ts';
import type { WorldConfiguration } from './configuration.ts';
import { WorldError } from './errors.ts';
import { groundOf } from './ground.ts';
import type { MachinesPart, Parts } from './parts.ts';
import type { WorldPaths } from './world-paths.ts';

/** Fixed in docs/architecture.md. */
export const pagerPort = 9099;
export const consolePort = 80;

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
  const hasCgroups = !isOneUser();
  const host = new MachineHost({
    stateDir: paths.run, toolsDir: configuration.toolsFolder, repoDir: configuration.repository, worldName, hasCgroups,
    log: (line) => { log.info({ part: 'machines' }, line); },
    ...(configuration.imagesFolder === undefined ? {} : { imagesDir: configuration.imagesFolder }),
  });
  if (hasCgroups) for (const group of await serverGroups(`keelson-${worldName}`)) await onCgroup(group);
  const images = availableImages(configuration.toolsFolder).map(({ name, kubernetesVersion }) => ({ name, sizeBytes: 1024 * 1024, properties: { kube_version: `v${kubernetesVersion}` } }));
  const seed = { ...(await seedWithSecretsOf(paths.clouds)), images };
  await writeCloudsFile(paths.clouds, seed, `http://${externalNetwork.api}:${usualPorts.identity}/v3`);
  const cloud = createCloud({ fabric, hypervisor: host, storage: host.storage, log, listen: { host: externalNetwork.api, ports: { console: consolePort } }, seed, store: openStore(paths.records) });
  await host.start(new Set(Object.keys(cloud.state.nova.servers)));
  await host.storage.prune(new Set([...Object.keys(cloud.state.cinder.volumes), ...Object.keys(cloud.state.cinder.snapshots)]));
  const { ground, timeServer } = groundOf({ host, cloud, toolsFolder: configuration.toolsFolder });
  const faults = new FaultBoard({ ground, file: paths.faults, onTrouble: (message) => { log.warn({ part: 'faults' }, message); } });
  return { fabric, machines: machinesPart(host), cloud, pager, faults, time: timeServer };
}

/** The same for every world in one state folder, so that the next one finds the control group of a killed one. */
function nameOf(stateFolder: string): string {
  return createHash('sha256').update(stateFolder).digest('hex').slice(0, 8);
}

/** Where the machine shows the control groups of the servers: in version 2, and in version 1 where that has memory and CPU (sandbox/machines/node-image/launch.sh). */
async function serverGroups(name: string): Promise<string[]> {
  const [mounts, own] = await Promise.all([readFile('/proc/self/mountinfo', 'utf8'), readFile('/proc/self/cgroup', 'utf8')]);
  const at = (type: string, controller: string) => mounts.split('\n').find((line) => line.includes(` - ${type} `) && line.split(/[ ,]/).includes(controller))?.split(' ')[4];
  const version2 = mounts.split('\n').find((line) => line.includes(' - cgroup2 '))?.split(' ')[4];
  const version1 = own.split('\n').flatMap((line) => {
    const [, controllers = '', path = ''] = line.split(':');
    const [controller] = controllers.split(',').filter((c) => ['memory', 'cpu', 'cpuacct'].includes(c));
    const mount = controller && at('cgroup', controller);
    return mount ? [join(mount, path, name)] : [];
  });
  return [...(version2 === undefined ? [] : [join(version2, name)]), ...version1];
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
