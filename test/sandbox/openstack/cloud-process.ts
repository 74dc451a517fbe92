/** The cloud as a process of its own, with records on disk and nothing behind it: for tests that kill it. `node cloud-process.ts <folder>` */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createCloud, defaultSeed, noOpFabric, noOpHypervisor, openStore, type ServiceName, usualPorts } from '../../../sandbox/openstack/index.ts';
import { seedWithSecretsOf } from '../../../sandbox/world/cloud-file.ts';

const folder = process.argv[2] ?? '.';
const file = join(folder, 'clouds.yaml');
const seed = { ...defaultSeed(), ...(await seedWithSecretsOf(file)) };
const log = { info: () => undefined, warn: () => undefined, error: (context: object, message: string) => { console.error(message, JSON.stringify(context)); } };
const ports = Object.fromEntries(Object.keys(usualPorts).map((name) => [name, 0])) as Record<ServiceName, number>;
const cloud = createCloud({
  fabric: noOpFabric(), hypervisor: noOpHypervisor(), log, seed, store: openStore(join(folder, 'cloud.db')), listen: { host: '127.0.0.1', ports }, delays: { scheduleMs: 20, loadBalancerMs: 20, volumeMs: 20 },
});
await cloud.start();
writeFileSync(file, stringify(cloud.clouds()), { mode: 0o600 });
console.log('ready');
