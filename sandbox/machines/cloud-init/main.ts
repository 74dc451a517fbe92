/** `node main.ts <seed directory>`: cloud-init of one boot. Exits 1 when something in the user data failed, as `cloud-init status` does. */
import { existsSync, readFileSync } from 'node:fs';
import { bootInstance } from './boot.ts';
import type { MetaData } from './instance-data.ts';

const [seed = '/run/keelson/seed'] = process.argv.slice(2);
const errors = bootInstance({
  meta: JSON.parse(readFileSync(`${seed}/meta_data.json`, 'utf8')) as MetaData,
  userData: existsSync(`${seed}/user_data`) ? readFileSync(`${seed}/user_data`) : Buffer.alloc(0),
  print: (line) => process.stdout.write(`${line}\n`),
  now: () => new Date(),
});
process.exitCode = errors.length > 0 ? 1 : 0;
