/** The real OpenStack of test/openstack-lab as a target: installed, started and wiped by its own scripts. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Target } from './target.ts';

const scripts = join(import.meta.dirname, '../openstack-lab');

export interface Lab {
  /** Where the lab keeps its data; MariaDB's own user must be able to enter it. */
  readonly state: string;
}

/** Installs what is missing and starts what is not running. Takes minutes the first time. @throws when the lab does not come up */
export async function startLab(lab: Lab): Promise<Target> {
  await script('install.sh', [], lab);
  await script('up.sh', [], lab);
  return labTarget(lab);
}

/** The lab that runs already. */
export async function labTarget(lab: Lab): Promise<Target> {
  const cloudsYaml = await readFile(join(lab.state, 'clouds.yaml'), 'utf8');
  return new Target({ name: 'lab', cloudsYaml, member: 'lab', owner: 'lab-password', admin: 'admin' });
}

/** Stops the lab and deletes its state. */
export async function wipeLab(lab: Lab): Promise<void> {
  await script('down.sh', ['--wipe'], lab);
}

function script(name: string, args: readonly string[], lab: Lab): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(scripts, name), args, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, LAB_STATE: lab.state, LAB_CINDER: '1', LAB_SMOKE: '0' } });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${String(code)}; its logs are in ${lab.state}/log`))));
  });
}
