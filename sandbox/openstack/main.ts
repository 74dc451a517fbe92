/**
 * The cloud alone, with no network and no machines behind it: `node sandbox/openstack/main.ts [folder]` listens on free ports of 127.0.0.1,
 * writes clouds.yaml into the folder (the current one by default) and serves until it is told to stop.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { createCloud, noOpFabric, noOpHypervisor } from './index.ts';

const folder = process.argv[2] ?? '.';
const log = pino({ level: process.env['LOG_LEVEL'] ?? 'info' });
const cloud = createCloud({
  fabric: noOpFabric(), hypervisor: noOpHypervisor(), log,
  listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0, volumev3: 0, admin: 0, console: 0 } },
});
await cloud.start();
const file = join(folder, 'clouds.yaml');
await writeFile(file, stringify(cloud.clouds()), { mode: 0o600 });
log.info({ authUrl: cloud.authUrl(), console: cloud.consoleAddress(), calls: `${cloud.adminAddress() ?? ''}/_keelson/calls`, clouds: file }, 'the cloud is up');
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void cloud.stop().then(() => process.exit(0));
  });
}
