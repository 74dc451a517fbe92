/** Tries what the world needs of the kernel, in namespaces that vanish with the attempt, so that what is missing is named before anything is built. */
import { attempt } from '../network/command.ts';
import { WorldError } from './errors.ts';

/** Each is a shell line that fails when the kernel lacks the thing. `$1` is an empty folder. */
const trials: readonly { readonly name: string; readonly script: string }[] = [
  { name: 'bridge (CONFIG_BRIDGE)', script: 'ip link add name b0 type bridge' },
  { name: 'veth (CONFIG_VETH)', script: 'ip link add name v0 type veth peer name v1' },
  { name: 'nft NAT (CONFIG_NFT_NAT, CONFIG_NF_CONNTRACK)', script: `printf 'table ip t {\\n chain c {\\n type nat hook postrouting priority srcnat\\n ct state new snat to 198.51.100.9\\n }\\n}\\n' | nft -f -` },
  { name: 'tmpfs (CONFIG_TMPFS)', script: 'mount -t tmpfs tmpfs "$1"' },
  { name: 'overlay (CONFIG_OVERLAY_FS)', script: 'mount -t tmpfs tmpfs "$1" && mkdir "$1/l" "$1/u" "$1/w" "$1/m" && mount -t overlay overlay -o "lowerdir=$1/l,upperdir=$1/u,workdir=$1/w" "$1/m"' },
];

/** Throws WORLD_NOT_ROOT, or WORLD_KERNEL_LACKS that names everything missing at once. @param folder an empty folder to mount on, in a private namespace */
export async function checkKernel(folder: string): Promise<void> {
  if (process.getuid?.() !== 0) throw new WorldError('WORLD_NOT_ROOT', 'the sandbox needs root for its network and mount namespaces; run the command with sudo');
  const namespaces = await attempt('unshare', ['--pid', '--mount', '--net', '--fork', 'true']);
  if (namespaces.kind === 'failed') {
    throw new WorldError('WORLD_KERNEL_LACKS', `the kernel refuses new PID, mount and network namespaces: ${namespaces.reason}`);
  }
  const outcomes = await Promise.all(trials.map(async (trial) => ({ trial, outcome: await attempt('unshare', ['--mount', '--net', '--propagation', 'private', 'sh', '-c', trial.script, 'sh', folder]) })));
  const missing = outcomes.flatMap(({ trial, outcome }) => (outcome.kind === 'failed' ? [`${trial.name}: ${outcome.reason}`] : []));
  if (missing.length > 0) throw new WorldError('WORLD_KERNEL_LACKS', `the kernel lacks ${missing.join('; ')}`);
}
