/** What cloud-config can ask for, in the order in which cloud-init does it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { shellScript } from './commands.ts';
import { makeFileSystems, mountAll } from './disks.ts';
import { CloudInitError } from './errors.ts';
import { parseFiles, writeFile } from './write-files.ts';

export interface ModuleContext {
  readonly config: Readonly<Record<string, unknown>>;
  /** /var/lib/cloud/instance: scripts and semaphores of this instance. */
  readonly instanceDir: string;
  readonly hostname: string;
  readonly log: (line: string) => void;
}

export interface Module {
  /** As in sem/ and in the log. */
  readonly name: string;
  /** Keys of the cloud-config it reads. */
  readonly keys: readonly string[];
  readonly stage: 'init' | 'config' | 'final';
  readonly frequency: 'once-per-instance' | 'always';
  readonly run: (context: ModuleContext) => void;
}

export const modules: readonly Module[] = [
  { name: 'bootcmd', keys: ['bootcmd'], stage: 'init', frequency: 'always', run: ({ config }) => runScript(shellScript(config['bootcmd'], 'bootcmd'), 'bootcmd') },
  { name: 'write_files', keys: ['write_files'], stage: 'init', frequency: 'once-per-instance', run: ({ config }) => parseFiles(config['write_files']).filter((file) => !file.defer).forEach((file) => writeFile(file)) },
  { name: 'set_hostname', keys: ['hostname', 'fqdn', 'prefer_fqdn_over_hostname', 'preserve_hostname'], stage: 'init', frequency: 'always', run: setHostname },
  { name: 'disk_setup', keys: ['fs_setup'], stage: 'init', frequency: 'once-per-instance', run: ({ config }) => makeFileSystems(config['fs_setup']) },
  { name: 'mounts', keys: ['mounts'], stage: 'init', frequency: 'once-per-instance', run: ({ config }) => mountAll(config['mounts']) },
  { name: 'runcmd', keys: ['runcmd'], stage: 'config', frequency: 'once-per-instance', run: ({ config, instanceDir }) => saveScript(instanceDir, 'runcmd', shellScript(config['runcmd'], 'runcmd')) },
  { name: 'write_files_deferred', keys: ['write_files'], stage: 'final', frequency: 'once-per-instance', run: ({ config }) => parseFiles(config['write_files']).filter((file) => file.defer).forEach((file) => writeFile(file)) },
];

/** Keys of real modules that mean nothing on a simulated server; they are accepted and said in the log. */
export const tolerated: Readonly<Record<string, string>> = {
  users: 'nobody logs in to a simulated server', groups: 'nobody logs in to a simulated server', ssh_authorized_keys: 'there is no sshd', ssh_pwauth: 'there is no sshd',
  chpasswd: 'nobody logs in to a simulated server', disable_root: 'there is no sshd', ntp: 'the clock is the machine\'s', timezone: 'the clock is the machine\'s', locale: 'there is one locale',
  disk_setup: 'a volume has no partitions', growpart: 'a volume has no partitions', resize_rootfs: 'the root file system is the machine\'s', swap: 'there is no swap',
  packages: 'the image has all packages', package_update: 'the image has all packages', package_upgrade: 'the image has all packages', apt: 'the image has all packages',
  ca_certs: 'write the file with write_files', final_message: 'the message is fixed', output: 'output goes to the console and /var/log/cloud-init-output.log', manage_etc_hosts: '/etc/hosts is the image\'s', power_state: 'reboot through the cloud',
};

/** Scripts run in the final stage, in the order of their names (module scripts_user). Throws SCRIPT when one fails; the others run all the same. */
export function runScripts(paths: readonly string[]): void {
  const failed = paths.filter((path) => spawnSync(path, { stdio: ['ignore', 'inherit', 'inherit'] }).status !== 0);
  if (failed.length > 0) throw new CloudInitError('SCRIPT', `Runparts: ${failed.length} failures (${failed.map((path) => path.split('/').pop()).join(',')}) in ${paths.length} attempted commands`);
}

export function saveScript(instanceDir: string, name: string, text: string): void {
  mkdirSync(`${instanceDir}/scripts`, { recursive: true });
  writeFileSync(`${instanceDir}/scripts/${name}`, text);
  chmodSync(`${instanceDir}/scripts/${name}`, 0o700);
}

function runScript(text: string, name: string): void {
  const { status } = spawnSync('/bin/sh', ['-s'], { input: text, stdio: ['pipe', 'inherit', 'inherit'] });
  if (status !== 0) throw new CloudInitError('SCRIPT', `Failed to run ${name}: exit code ${status}`);
}

function setHostname({ config, hostname }: ModuleContext): void {
  const wanted = config['preserve_hostname'] === true ? hostname : String(config['hostname'] ?? config['fqdn'] ?? hostname).split('.')[0] ?? hostname;
  execFileSync('hostname', [wanted]);
  writeFileSync('/etc/hostname', `${wanted}\n`);
}
