/**
 * The shell script that becomes a container. It runs in fresh mount, PID and cgroup namespaces inside the pod's namespaces,
 * builds the root file system, leaves the server's behind and ends as the container's first process. Written per container into
 * its directory, so that one can read there what was done.
 *
 * After `pivot_root` the namespace's root is a staging tmpfs that holds the server's /usr (for setpriv and nsenter, which need
 * the C library) and, in /c, the container's root; `nsenter --root=/c` takes the last step. So nothing of the server's tree is
 * mounted in a container any more, and an image needs no program of ours.
 */
import { quote } from './command.ts';
import type { RootFileSystem } from './image-store.ts';
import { devices } from './skeleton.ts';

export interface ScriptMount {
  readonly source: string;
  readonly target: string;
  readonly isReadonly: boolean;
  readonly propagation: 'private' | 'slave' | 'shared';
}

/** How the process itself starts; the same for exec. */
export interface ProcessSpec {
  readonly argv: readonly string[];
  readonly environment: readonly (readonly [string, string])[];
  readonly workingDir: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  /** Arguments for setpriv beyond the ids: capabilities, no_new_privs. */
  readonly privileges: readonly string[];
}

export interface ContainerPlan {
  /** Empty directory on a mount without propagation. */
  readonly directory: string;
  readonly root: RootFileSystem;
  /** Files of every tool container: accounts, devices, empty directories. */
  readonly skeleton: string;
  readonly usesServerNetwork: boolean;
  readonly usesServerPids: boolean;
  readonly isPrivileged: boolean;
  /** See PlanRequest. */
  readonly isOneUser: boolean;
  readonly isRootReadonly: boolean;
  readonly mounts: readonly ScriptMount[];
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly oomScoreAdj: number | undefined;
  readonly process: ProcessSpec;
}

/** Parts of the server's /usr that tool containers see as they are, beside lib and share; /usr/local and /usr/libexec are a container's own. */
const sharedUsr = ['bin', 'sbin', 'lib32', 'lib64', 'libx32'];

/** File descriptors 3 and 4: the runtime reads "pid N", then "ready" or the reason of a failure from 3; 4 keeps the container's stderr meanwhile. */
export function containerScript(plan: ContainerPlan): string {
  return [
    'set -eu',
    'exec 4>&2 2>&3',
    // The server's /proc is still there, so this is the process id as the server sees it.
    'read -r pid rest < /proc/self/stat; echo "pid $pid" >&3',
    `S=${quote(plan.directory)}`,
    ...(plan.oomScoreAdj === undefined ? [] : [`echo ${plan.oomScoreAdj} > /proc/self/oom_score_adj 2>/dev/null || :`]),
    ...functions,
    ...staging,
    ...rootFileSystem(plan),
    ...kernelFileSystems(plan),
    ...[...plan.mounts].sort((a, b) => depth(a.target) - depth(b.target)).map(bindLine),
    ...plan.maskedPaths.map((path) => `mask ${quote(path)}`),
    ...plan.readonlyPaths.map((path) => `freeze ${quote(path)}`),
    // A missing working directory is made, as runc does; upstream images of the tools have theirs, owned by their user.
    `workdir ${quote(plan.process.workingDir)} ${plan.process.uid}:${plan.process.gid}`,
    ...(plan.isRootReadonly ? ['seal "$S/c"'] : []),
    ...leaveServer,
    `program ${quote(plan.process.argv[0] ?? '')} ${quote(new Map(plan.process.environment).get('PATH') ?? '')} ${quote(plan.process.workingDir)}`,
    'echo ready >&3',
    `exec ${processArguments(plan.process).map(quote).join(' ')} 2>&4 3>&- 4>&-`,
    '',
  ].join('\n');
}

/** The command that turns a process in a container's namespaces (root: staging) into the container's: identity, capabilities, root, directory. */
export function processArguments({ argv, environment, workingDir, uid, gid, groups, privileges }: ProcessSpec): string[] {
  return [
    '/usr/bin/env', '-i', ...environment.map(([key, value]) => `${key}=${value}`),
    '/usr/bin/setpriv', `--regid=${gid}`, groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups', ...privileges,
    '/usr/bin/nsenter', '--root=/c', `--wdns=${workingDir}`, ...(uid === 0 ? [] : [`--setuid=${uid}`]), '--', ...argv,
  ];
}

/**
 * `seal P`: read-only, with what else the mount must keep (in a user namespace a mount of the machine's keeps its nosuid, nodev, noexec).
 * `inside P`: P below $S/c with every symbolic link of it resolved as the container would (an image's /var/run → /run must not lead
 * out). `place S P`: makes P a file or a directory, as S is. `bind S P ro|rw propagation`.
 */
const functions = [
  'seal() { mount -o remount,bind,ro "$1" 2> /dev/null || mount -o "remount,bind,$(findmnt -nro VFS-OPTIONS -M "$1" | tail -n 1),ro" "$1"; }',
  'inside() {',
  '  done=$S/c; rest=$1; hops=0',
  '  while [ -n "$rest" ]; do',
  '    rest=${rest#/}; part=${rest%%/*}; case $rest in */*) rest=${rest#*/} ;; *) rest= ;; esac',
  '    case $part in ""|.) continue ;; ..) [ "$done" = "$S/c" ] || done=${done%/*}; continue ;; esac',
  '    if [ -L "$done/$part" ] && [ $hops -lt 40 ]; then',
  '      hops=$((hops + 1)); link=$(readlink "$done/$part"); rest=$link/$rest',
  '      case $link in /*) done=$S/c ;; esac',
  '    else done=$done/$part; fi',
  '  done',
  '}',
  'place() { if [ -d "$1" ]; then mkdir -p "$2"; elif [ ! -e "$2" ]; then mkdir -p "${2%/*}"; : > "$2"; fi; }',
  'bind() {',
  '  inside "$2"; place "$1" "$done"; mount --rbind "$1" "$done"',
  '  case $4 in private) mount --make-rprivate "$done" ;; slave) mount --make-rslave "$done" ;; esac',
  '  [ "$3" = rw ] || seal "$done"',
  '}',
  'mask() { inside "$1"; if [ -d "$done" ]; then mount -t tmpfs -o ro,size=0,mode=755 masked "$done"; elif [ -e "$done" ]; then mount --bind /dev/null "$done"; fi; }',
  'freeze() { inside "$1"; [ ! -e "$done" ] || { mount --rbind "$done" "$done"; seal "$done"; }; }',
  'workdir() { inside "$1"; [ -d "$done" ] || { mkdir -p "$done"; chown "$2" "$done"; }; }',
  'program() {',
  '  case $1 in',
  '    /*) inside "$1"; [ -x "$done" ] && [ ! -d "$done" ] && return ;;',
  '    */*) inside "$3/$1"; [ -x "$done" ] && [ ! -d "$done" ] && return ;;',
  '    *) old=$IFS; IFS=:; for dir in $2; do IFS=$old; inside "$dir/$1"; [ -x "$done" ] && [ ! -d "$done" ] && return; done; IFS=$old',
  '       echo "exec: \\"$1\\": executable file not found in \\$PATH" >&3; exit 127 ;;',
  '  esac',
  '  echo "exec: \\"$1\\": no such file or not executable" >&3; exit 127',
  '}',
];

const staging = [
  'mount -t tmpfs -o mode=755 staging "$S"',
  'mkdir "$S/usr" "$S/c" "$S/old" "$S/upper" "$S/scratch"',
  'for d in bin sbin lib lib32 lib64 libx32; do [ ! -L "/$d" ] || ln -s "usr/$d" "$S/$d"; done',
  'mount --rbind /usr "$S/usr"; mount --make-rprivate "$S/usr"',
];

function rootFileSystem({ root, skeleton, isOneUser }: ContainerPlan): string[] {
  // What overlayfs notes of a directory that takes the place of another it may not note under trusted.* in a user namespace: to remove one ends with EIO (overlayfs.rst, "User xattr").
  const notes = isOneUser ? ',userxattr' : '';
  if (root.kind === 'layers') {
    return [
      `mount -t overlay -o ${quote(`lowerdir=${root.directories.join(':')}`)},"upperdir=$S/upper,workdir=$S/scratch${notes}" overlay "$S/c"`,
      'mkdir -p "$S/c/proc" "$S/c/sys" "$S/c/dev" "$S/c/etc"',
    ];
  }
  const own = root.programs.some(({ target }) => target.startsWith('/bin/'));
  return [
    `cp -a ${quote(`${skeleton}/.`)} "$S/c/"`,
    'mount --bind "$S/c" "$S/c"',
    `for d in ${sharedUsr.join(' ')}; do [ ! -d "/usr/$d" ] || { mkdir "$S/c/usr/$d"; mount --bind "/usr/$d" "$S/c/usr/$d"; }; done`,
    // Pods mount things below these two (/lib/modules, certificates), which takes a directory that can be made.
    `for d in lib share; do mkdir "$S/upper/$d" "$S/scratch/$d" "$S/c/usr/$d"; mount -t overlay -o "lowerdir=/usr/$d,upperdir=$S/upper/$d,workdir=$S/scratch/$d${notes}" overlay "$S/c/usr/$d"; done`,
    // An image with its program in /bin gets a /bin of its own, where the shell is a link.
    own ? 'rm "$S/c/bin"; mkdir "$S/c/bin"; ln -s ../usr/bin/sh ../usr/bin/bash "$S/c/bin/"' : ':',
    'for d in ssl alternatives; do [ ! -d "/etc/$d" ] || { mkdir "$S/c/etc/$d"; mount --bind "/etc/$d" "$S/c/etc/$d"; }; done',
    ...root.programs.map(({ source, target }) => `inside ${quote(target)}; place ${quote(source)} "$done"; mount --bind ${quote(source)} "$done"`),
  ];
}

function kernelFileSystems({ usesServerNetwork, usesServerPids, isPrivileged, root, skeleton }: ContainerPlan): string[] {
  const readonly = isPrivileged ? [] : ['seal "$S/c/sys"', 'seal "$S/c/sys/fs/cgroup"'];
  return [
    // The server shows kernel settings and memory of its own there; a fresh proc would show the machine's.
    ...(usesServerPids
      ? ['mount --rbind /proc "$S/c/proc"; mount --make-rprivate "$S/c/proc"']
      : ['mount -t proc -o nosuid,nodev,noexec proc "$S/c/proc"', 'mount --rbind /proc/sys "$S/c/proc/sys"; mount --make-rprivate "$S/c/proc/sys"', 'mount --bind /proc/meminfo "$S/c/proc/meminfo"']),
    // A fresh sysfs belongs to the network namespace of who mounts it (/sys/class/net).
    ...(usesServerNetwork
      ? ['mount --rbind /sys "$S/c/sys"; mount --make-rprivate "$S/c/sys"']
      : ['mount -t sysfs -o nosuid,nodev,noexec sysfs "$S/c/sys"', 'mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$S/c/sys/fs/cgroup"']),
    ...readonly,
    ...(root.kind === 'layers' && !isPrivileged ? ['mount -t tmpfs -o mode=755,nosuid dev "$S/c/dev"', `cp -a ${quote(`${skeleton}/dev/.`)} "$S/c/dev/"`] : []),
    isPrivileged
      ? 'mount --rbind /dev "$S/c/dev"; mount --make-rprivate "$S/c/dev"'
      : `for d in pts ${devices.join(' ')}; do mount --bind "/dev/$d" "$S/c/dev/$d"; done`,
  ];
}

function bindLine({ source, target, isReadonly, propagation }: ScriptMount): string {
  return `bind ${quote(source)} ${quote(target)} ${isReadonly ? 'ro' : 'rw'} ${propagation}`;
}

/** umount(8) reads /proc. The old root goes away without taking the server's mounts along: unmounting would travel through shared mounts (mount_namespaces(7)). */
const leaveServer = ['cd "$S"', 'ln -s c/proc proc', 'pivot_root . old', 'cd /', 'S=', 'mount --make-rslave /old', 'umount -l /old'];

function depth(path: string): number {
  return path.split('/').filter((part) => part !== '').length;
}
