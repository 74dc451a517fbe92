/** Puts the world's parts together: which class stands behind which part is decided here and nowhere else. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { stringify } from 'yaml';
import { externalNetwork, NetworkFabric } from '../network/index.ts';
import { createCloud, noOpHypervisor, type Cloud } from '../openstack/index.ts';
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

export function compose({ configuration, paths, log }: ComposeOptions): Promise<Parts> {
  const fabric = new NetworkFabric({ onTrouble: (error) => { log.warn({ err: error }, 'the fabric mended something'); } });
  const pager = new Pager({ address: externalNetwork.pager, port: pagerPort, file: paths.pages, runbooks: join(configuration.repository, 'docs', 'runbooks') });
  const cloud = createCloud({ fabric, hypervisor: noOpHypervisor(), log, listen: { host: externalNetwork.api } });
  const none = (): Promise<void> => Promise.resolve();
  const machines: MachinesPart = {
    servers: () => [], stop: none,
    exec: (id) => Promise.reject(new WorldError('WORLD_NOT_FOUND', `there is no server ${id}`)),
    console: (id) => Promise.reject(new WorldError('WORLD_NOT_FOUND', `there is no server ${id}`)),
  };
  return Promise.resolve({ fabric, machines, cloud: withCloudsFile(cloud, paths.clouds), pager });
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
