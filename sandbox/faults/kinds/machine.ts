/** Faults of a server as a machine: its power fails, it freezes, its disk is full. */
import { FaultError } from '../errors.ts';
import type { Ground, Server } from '../ground.ts';
import type { Plan, Planner } from '../plan.ts';
import { serverNamed } from '../targets.ts';

export const machine: Planner<'machine'> = ({ target, how, path }, id, { ground, remains }) => {
  if (remains?.kind === 'off') return killed(remains.server, ground);
  const server = serverNamed(target, ground);
  if (!server.isRunning) throw new FaultError('FAULT_BAD_PARAMETER', `server ${server.name} does not run; only running servers can be broken`);
  if (path !== undefined && how !== 'disk-full') throw new FaultError('FAULT_BAD_PARAMETER', `machine ${server.name}: --path belongs to --how disk-full`);
  switch (how) {
    case 'kill': return killed(server, ground);
    case 'freeze': return frozen(server, ground);
    case 'disk-full': return full(server, ground, id, path ?? '/var/log');
  }
};

/** Nova sees it as SHUTOFF, and keeps it so when the world is killed; healed, it boots again with its disk. */
function killed({ id, name }: Pick<Server, 'id' | 'name'>, ground: Ground): Plan {
  const found = (): Server | undefined => ground.servers().find((server) => server.id === id);
  return {
    summary: `${name} has no power`,
    servers: [id],
    remains: { kind: 'off', server: { id, name } },
    apply: () => ground.cutPower(id),
    observe: () => Promise.resolve(found()?.isRunning ? 'runs again: somebody switched it on' : found() ? 'off' : 'not there: deleted, or replaced'),
    // The cloud is asked, not the host: in a world that goes on after a kill, the host gets its servers one after another.
    undo: async () => ((await ground.restorePower(id)) ? undefined : 'the server was deleted meanwhile'),
  };
}

/** Every process of the server stops where it is; its network and disk stay, connections time out. */
function frozen(server: Server, ground: Ground): Plan {
  const isStill = (): boolean => ground.servers().some(({ id, isRunning, isFrozen }) => id === server.id && isRunning && isFrozen);
  return {
    summary: `${server.name} is frozen`,
    servers: [server.id],
    apply: () => ground.freeze(server.id, true),
    observe: () => Promise.resolve(isStill() ? 'its processes stand still' : 'it was switched off or booted meanwhile'),
    undo: async () => {
      if (!isStill()) return 'the server was switched off or booted meanwhile';
      await ground.freeze(server.id, false);
      return undefined;
    },
  };
}

/**
 * A folder of the server on which nothing can be written any more: an overlay whose upper layer is a full tmpfs lies over it, so what
 * is there stays readable, and creating, growing or changing a file is ENOSPC. Files that were open before stay those of the disk.
 */
function full(server: Server, ground: Ground, id: string, path: string): Plan {
  const work = `/run/keelson-fault-${id}`;
  const shell = async (script: string): Promise<string> => {
    const { status, stdout, stderr } = await ground.exec(server.id, ['sh', '-euc', script, 'sh', path, work]);
    if (status !== 0) throw new FaultError('FAULT_NOT_APPLIED', `server ${server.name}: disk-full ${path}: ${stderr.trim() || stdout.trim()}`);
    return stdout.trim();
  };
  const lay = `mkdir -p "$2"; mount -t tmpfs -o size=64k,nr_inodes=32 tmpfs "$2"; mkdir "$2/upper" "$2/work"
    mount -t overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" keelson-full "$1"
    head -c 1M /dev/zero > "$2/full" 2> /dev/null || :
    i=0; while (: > "$2/$i") 2> /dev/null; do i=$((i + 1)); done`;
  const lift = 'if grep -q "^keelson-full $1 " /proc/self/mounts; then umount -l "$1"; fi; if [ -d "$2" ]; then umount -l "$2" 2> /dev/null || :; rmdir "$2"; fi';
  return {
    summary: `${path} of ${server.name} is full`,
    servers: [server.id],
    apply: async () => {
      const found = await ground.exec(server.id, ['sh', '-c', '[ -d "$1" ] || exit 3; ! grep -q "^keelson-full $1 " /proc/self/mounts || exit 4', 'sh', path]);
      if (found.status === 3) throw new FaultError('FAULT_UNKNOWN_TARGET', `server ${server.name} has no folder ${path}; give another with --path`);
      if (found.status === 4) throw new FaultError('FAULT_BAD_PARAMETER', `${path} of server ${server.name} is full already; heal that fault first`);
      await shell(lay);
    },
    observe: () => shell('grep -q "^keelson-full $1 " /proc/self/mounts || { echo "writable again: it was booted meanwhile"; exit; }; stat -f -c "%a of %b blocks are free" "$1"'),
    undo: async () => {
      if (!ground.servers().some((known) => known.id === server.id && known.isRunning)) return undefined;
      await shell(lift);
      return undefined;
    },
    reapply: async () => { await shell(lay); },
  };
}
