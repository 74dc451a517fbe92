/** Looks at the machine under the simulated servers: what they must not change, and what is left of them. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** What servers could change on the machine if they were not kept from it. */
export function machineState(): object {
  const settings = ['vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/keys/root_maxkeys', 'net/netfilter/nf_conntrack_max', 'net/ipv4/ip_forward'];
  const names = (output: string): string[] => output.split('\n').map((line) => line.split(/\s+/)[0] ?? '').filter((name) => /^(tap|pod|br0a0b)/.test(name));
  return {
    settings: settings.map((name) => read(`/proc/sys/${name}`)),
    hashsize: read('/sys/module/nf_conntrack/parameters/hashsize'),
    devices: names(execFileSync('ip', ['-brief', 'link'], { encoding: 'utf8' })),
    routes: execFileSync('ip', ['route'], { encoding: 'utf8' }),
    tables: execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }),
    namespaces: existsSync('/run/netns') ? readdirSync('/run/netns').filter((name) => name.startsWith('pod-')) : [],
    kubernetes: ['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/keelson-cri', '/opt/keelson', '/run/containerd'].map((path) => existsSync(path)),
  };
}

/** test/sandbox/cri/crictl.ts as one file. */
export async function crictl(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, '../cri/crictl.ts')], bundle: true, platform: 'node', format: 'esm', write: false,
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  return outputFiles[0]!.text;
}

/** Names in a cgroup of version 2, looked at from a mount of its own; empty when it is not there. */
export function cgroups(name: string): string {
  return execFileSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', `mount -t cgroup2 cgroup2 /mnt && ls "/mnt/${name}" 2>/dev/null || :`], { encoding: 'utf8' });
}

/** Content of a file, empty when it is not there. */
export function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Target of a link, empty when it is not there. */
export function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
