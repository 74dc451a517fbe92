/** The machine under a fleet as text, one line a thing: what must be equal before `up` and after `down`. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Of files: path, type and mode, size, time of the last change. Access times and what only the kernel counts are left out. */
const parts: Readonly<Record<string, string>> = {
  files: "find /etc /usr /lib/modules /boot /opt -xdev -printf '%p %M %s %T@ %l\\n' 2> /dev/null | grep -v '^/etc/mtab '",
  links: 'ip -o link show | sed -E "s/ (qlen|state) [^ ]+//g"',
  addresses: 'ip -o address show | sed -E "s/(valid|preferred)_lft [^ ]+//g"',
  routes: 'ip route show table all; ip -6 route show table all; ip rule show',
  firewall: 'nft list ruleset',
  // Values that the kernel itself moves: counters, random numbers, limits it adapts.
  sysctls: "cd /proc/sys && find . -type f -readable | grep -vE 'random/|ns_last_pid|dentry-state|inode-(nr|state)|file-nr|aio-nr|pty/nr|_count$|perf_event_max_sample_rate|stat_refresh|fastopen_key|/keys/|dead_|binfmt_misc|swap_token|sched_domain|drop_caches|compact_memory|use-gss-proxy|cdrom/|fs/quota/|hung_task_detect' | xargs grep -s '' 2> /dev/null || true",
  modules: 'cut -d" " -f1 /proc/modules 2> /dev/null || true',
  namespaces: 'ls /run/netns /var/run/netns 2> /dev/null || true',
  loops: 'losetup --list --noheadings --output NAME,BACK-FILE',
};

/** Lines of all parts, sorted within each. @param own the state folder: what mounts, processes and control groups of it are there */
export async function hostManifest(own: string): Promise<readonly string[]> {
  const lines = await Promise.all(Object.entries({
    ...parts,
    mounts: `grep -F '${own}' /proc/self/mountinfo || true`,
    processes: `for p in /proc/[0-9]*; do tr '\\0' ' ' < "$p/cmdline" 2> /dev/null | grep -F '${own}' | grep -v 'test/e2e\\|^sh -c\\|^grep' || true; done`,
    cgroups: `find /sys/fs/cgroup -type d -name "keelson-$(printf %s '${own}' | sha256sum | cut -c1-8)"`,
  }).map(async ([part, script]) => {
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { maxBuffer: 256 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } });
    return stdout.split('\n').filter(Boolean).sort().map((line) => `${part}: ${line}`);
  }));
  return lines.flat();
}

/** What differs, as + and - lines. */
export function manifestChanges(before: readonly string[], after: readonly string[]): readonly string[] {
  const [had, has] = [new Set(before), new Set(after)];
  return [...before.filter((line) => !has.has(line)).map((line) => `- ${line}`), ...after.filter((line) => !had.has(line)).map((line) => `+ ${line}`)];
}
