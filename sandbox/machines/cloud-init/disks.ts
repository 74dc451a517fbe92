/** Disks of a simulated server: file systems on attached volumes, and where they are mounted (cloud-init's fs_setup and mounts). */
import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { CloudInitError } from './errors.ts';

const fstab = '/etc/fstab';

/** `fs_setup`: a file system on each device that has none, or that may be overwritten. */
export function makeFileSystems(given: unknown): void {
  for (const one of listOf(given, 'fs_setup')) {
    const { device, filesystem, label, overwrite } = one as Record<string, unknown>;
    if (typeof device !== 'string' || !device.startsWith('/dev/')) throw new CloudInitError('CONFIG', `fs_setup: device ${JSON.stringify(device)} is no path below /dev; name the disk of an attached volume, such as /dev/vdb`);
    const isMade = spawnSync('blkid', [device], { stdio: 'ignore' }).status === 0;
    if (isMade && overwrite !== true) continue;
    execFileSync('mkfs', ['-t', typeof filesystem === 'string' ? filesystem : 'ext4', ...(typeof label === 'string' ? ['-L', label] : []), device], { stdio: 'inherit' });
  }
}

/** `mounts`: written to /etc/fstab, which every boot mounts, and mounted now. */
export function mountAll(given: unknown): void {
  for (const one of listOf(given, 'mounts')) {
    const [spec, directory, type = 'auto', options = 'defaults'] = Array.isArray(one) ? (one as unknown[]).map(String) : [];
    if (spec === undefined || directory === undefined || !directory.startsWith('/')) throw new CloudInitError('CONFIG', `mounts: ${JSON.stringify(one)} does not name a device and a directory, such as [LABEL=etcd_disk, /var/lib/etcd]`);
    const line = `${spec} ${directory} ${type} ${options} 0 2`;
    if ((existsSync(fstab) ? readFileSync(fstab, 'utf8') : '').split('\n').includes(line)) continue;
    mkdirSync(directory, { recursive: true });
    execFileSync('mount', ['-t', type, '-o', options, spec, directory], { stdio: 'inherit' });
    appendFileSync(fstab, `${line}\n`);
  }
}

function listOf(given: unknown, key: string): unknown[] {
  if (!Array.isArray(given)) throw new CloudInitError('CONFIG', `${key}: not a list`);
  return given;
}
