/** Puts the world's parts together: which class stands behind which part is decided here and nowhere else. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { externalNetwork, NetworkFabric } from '../network/index.ts';
import { Pager } from '../pager/index.ts';
import type { WorldConfiguration } from './configuration.ts';
import { WorldError } from './errors.ts';
import type { MachinesPart, Parts } from './parts.ts';
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
  const none = (): Promise<void> => Promise.resolve();
  const machines: MachinesPart = {
    servers: () => [], stop: none,
    exec: (id) => Promise.reject(new WorldError('WORLD_NOT_FOUND', `there is no server ${id}`)),
    console: (id) => Promise.reject(new WorldError('WORLD_NOT_FOUND', `there is no server ${id}`)),
  };
  return Promise.resolve({ fabric, machines, cloud: { start: none, stop: none }, pager });
}
