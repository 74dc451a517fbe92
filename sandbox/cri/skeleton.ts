/** What every container of a pinned tool starts with: accounts, devices, empty directories. Made once per boot; containers copy it. */
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

/** The accounts of distroless and busybox images, which the upstream images of the tools are built on. */
const passwd = ['root:x:0:0:root:/root:/sbin/nologin', 'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin', 'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin'];
const group = ['root:x:0:', 'nobody:x:65534:', 'nonroot:x:65532:'];

/** Devices of every container (OCI runtime-spec config-linux.md, "Default Devices"): files here, over which the server's are bound. */
export const devices = ['null', 'zero', 'full', 'random', 'urandom', 'tty'] as const;
const deviceLinks = [['pts/ptmx', 'ptmx'], ['/proc/self/fd', 'fd'], ['/proc/self/fd/0', 'stdin'], ['/proc/self/fd/1', 'stdout'], ['/proc/self/fd/2', 'stderr']] as const;

export function makeSkeleton(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  for (const path of ['etc', 'usr/local/bin', 'usr/libexec', 'dev/pts', 'dev/shm', 'dev/mqueue', 'proc', 'sys', 'run', 'root', 'home/nonroot', 'var/lib', 'var/log', 'tmp', 'var/tmp']) {
    mkdirSync(`${directory}/${path}`, { recursive: true });
  }
  for (const path of ['tmp', 'var/tmp', 'dev/shm']) chmodSync(`${directory}/${path}`, 0o1777);
  for (const path of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) symlinkSync(`usr/${path}`, `${directory}/${path}`);
  symlinkSync('../run', `${directory}/var/run`);
  writeFileSync(`${directory}/etc/passwd`, `${passwd.join('\n')}\n`);
  writeFileSync(`${directory}/etc/group`, `${group.join('\n')}\n`);
  writeFileSync(`${directory}/etc/nsswitch.conf`, 'passwd: files\ngroup: files\nhosts: files dns\n');
  for (const [target, name] of deviceLinks) symlinkSync(target, `${directory}/dev/${name}`);
  for (const name of devices) writeFileSync(`${directory}/dev/${name}`, '');
}
