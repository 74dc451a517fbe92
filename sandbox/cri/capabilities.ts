/**
 * Capabilities of a container, in the words of setpriv(1). The default set is that of containerd (pkg/oci/spec.go, defaultUnixCaps).
 */
const defaults = ['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'];

/** The last steps into a container are chroot(2) and setuid(2): these two cannot be taken out of the bounding set before them. */
const needed = ['SYS_CHROOT', 'SETUID'];

export interface CapabilityRequest {
  readonly privileged: boolean;
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

/** The bounding set, sorted; undefined means all capabilities. `ALL` in add or drop counts first, then names, as in containerd's CRI. */
export function boundingSet({ privileged, add, drop }: CapabilityRequest): readonly string[] | undefined {
  if (privileged) return undefined;
  const [adds, drops] = [add.map(plain), drop.map(plain)];
  if (adds.includes('ALL') && drops.length === 0) return undefined;
  const set = new Set(drops.includes('ALL') ? [] : adds.includes('ALL') ? [...defaults, ...adds] : defaults);
  for (const name of drops) set.delete(name);
  for (const name of adds) if (name !== 'ALL') set.add(name);
  for (const name of needed) set.add(name);
  return [...set].sort();
}

/** Arguments for setpriv that leave exactly this bounding set and nothing inheritable. */
export function capabilityArguments(set: readonly string[] | undefined): string[] {
  if (set === undefined) return [];
  return ['--inh-caps=-all', `--bounding-set=-all,${set.map((name) => `+${name.toLowerCase()}`).join(',')}`];
}

function plain(name: string): string {
  return name.toUpperCase().replace(/^CAP_/, '');
}
