/** Tries what the world needs of the kernel, in namespaces that vanish with the attempt, so that what is missing is named before anything is built. */
import { attempt } from '../network/command.ts';
import { WorldError } from './errors.ts';
import { userNamespace } from './one-user.ts';
import { readKnobs, whyRefused } from './user-namespaces.ts';

/** Each is a shell line that fails when the kernel lacks the thing. `$1` is an empty folder. */
const trials: readonly { readonly name: string; readonly script: string }[] = [
  { name: 'bridge (CONFIG_BRIDGE)', script: 'ip link add name b0 type bridge' },
  { name: 'veth (CONFIG_VETH)', script: 'ip link add name v0 type veth peer name v1' },
  { name: 'nft NAT (CONFIG_NFT_NAT, CONFIG_NF_CONNTRACK)', script: `printf 'table ip t {\\n chain c {\\n type nat hook postrouting priority srcnat\\n ct state new snat to 198.51.100.9\\n }\\n}\\n' | nft -f -` },
  { name: 'tmpfs (CONFIG_TMPFS)', script: 'mount -t tmpfs tmpfs "$1"' },
  { name: 'overlay (CONFIG_OVERLAY_FS; without root Linux 5.11)', script: 'mount -t tmpfs tmpfs "$1" && mkdir "$1/l" "$1/u" "$1/w" "$1/m" && mount -t overlay overlay -o "lowerdir=$1/l,upperdir=$1/u,workdir=$1/w" "$1/m"' },
];

/** What only a user namespace can be refused. */
const withoutRoot: typeof trials = [
  { name: 'a /proc of its own (a container engine hides parts of /proc: start the container with "--security-opt systempaths=unconfined")', script: 'mount -t proc proc "$1"' },
  { name: 'a /sys of its own (a container engine hides parts of /sys: start the container with "--security-opt systempaths=unconfined")', script: 'mount -t sysfs sysfs "$1"' },
];

/** Throws WORLD_NOT_ROOT where a plain user may make no user namespace, or WORLD_KERNEL_LACKS that names everything missing at once. @param folder an empty folder to mount on, in a private namespace */
export async function checkKernel(folder: string, uid = process.getuid?.()): Promise<void> {
  const user = userNamespace(uid);
  if (user.length > 0) {
    // Writing the map can succeed where AppArmor then leaves no rights: so that a mount is tried too.
    const own = await attempt('unshare', [...user, '--mount', '--propagation', 'private', 'true']);
    if (own.kind === 'failed') throw new WorldError('WORLD_NOT_ROOT', whyRefused(await readKnobs(), own.reason));
  }
  const namespaces = await attempt('unshare', [...user, '--pid', '--mount', '--net', '--fork', 'true']);
  if (namespaces.kind === 'failed') {
    throw new WorldError('WORLD_KERNEL_LACKS', `the kernel refuses new PID, mount and network namespaces: ${namespaces.reason}`);
  }
  const outcomes = await Promise.all([...trials, ...(user.length > 0 ? withoutRoot : [])].map(async (trial) => (
    { trial, outcome: await attempt('unshare', [...user, '--mount', '--net', '--pid', '--fork', '--propagation', 'private', 'sh', '-c', trial.script, 'sh', folder]) })));
  const missing = outcomes.flatMap(({ trial, outcome }) => (outcome.kind === 'failed' ? [`${trial.name}: ${outcome.reason}`] : []));
  if (missing.length > 0) throw new WorldError('WORLD_KERNEL_LACKS', `the kernel lacks ${missing.join('; ')}`);
}
