/** How a flavor looks from inside: files that stand over /proc/meminfo and /sys/devices/system/cpu, read by the kubelet (cadvisor machine.Info). */

export interface Flavor {
  readonly name: string;
  readonly vcpus: number;
  readonly ramMb: number;
  readonly diskGb: number;
}

/** Text of /proc/meminfo. Nothing uses the memory it reports: the server's processes live in the machine's. */
export function meminfo({ ramMb }: Flavor): string {
  const total = ramMb * 1024;
  const rows: [string, number][] = [
    ['MemTotal', total], ['MemFree', Math.floor(total * 0.85)], ['MemAvailable', Math.floor(total * 0.9)], ['Buffers', 0], ['Cached', Math.floor(total * 0.05)],
    ['SwapCached', 0], ['Active', Math.floor(total * 0.1)], ['Inactive', Math.floor(total * 0.05)], ['SwapTotal', 0], ['SwapFree', 0],
    ['Shmem', 0], ['Slab', 0], ['SReclaimable', 0], ['SUnreclaim', 0], ['HugePages_Total', 0], ['HugePages_Free', 0], ['Hugepagesize', 2048],
  ];
  return rows.map(([name, value]) => `${`${name}:`.padEnd(16)}${String(value).padStart(8)}${name.startsWith('HugePages') ? '' : ' kB'}`).join('\n').concat('\n');
}

/** Files of /sys/devices/system/cpu: one socket, one thread per core. Path → text. */
export function cpuFiles({ vcpus }: Flavor): Readonly<Record<string, string>> {
  const all = vcpus === 1 ? '0' : `0-${vcpus - 1}`;
  const perCpu = Array.from({ length: vcpus }, (_, cpu) => [
    [`cpu${cpu}/online`, '1'], [`cpu${cpu}/topology/core_id`, String(cpu)], [`cpu${cpu}/topology/physical_package_id`, '0'],
    [`cpu${cpu}/topology/book_id`, '0'], [`cpu${cpu}/topology/drawer_id`, '0'], [`cpu${cpu}/topology/thread_siblings_list`, String(cpu)],
  ]).flat();
  return Object.fromEntries([['online', all], ['possible', all], ['present', all], ['offline', ''], ['kernel_max', '8191'], ...perCpu].map(([path, text]) => [path, `${text}\n`]));
}
