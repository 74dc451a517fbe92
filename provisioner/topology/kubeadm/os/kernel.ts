/** Kernel settings. The first six are those the kubelet insists on with protectKernelDefaults (pkg/util/sysctl of Kubernetes). */
import type { Variables } from '../../../api/variables/index.ts';
import { file, type NodePart } from '../part.ts';

const settings: Readonly<Record<string, string>> = {
  'vm.overcommit_memory': '1',
  'vm.panic_on_oom': '0',
  'kernel.panic': '10',
  'kernel.panic_on_oops': '1',
  'kernel.keys.root_maxkeys': '1000000',
  'kernel.keys.root_maxbytes': '25000000',
  // What a node needs: forwarding, node ports that nothing else takes, room for watches and memory maps of many pods.
  'net.ipv4.ip_forward': '1',
  'net.ipv4.ip_local_reserved_ports': '30000-32767',
  'fs.inotify.max_user_instances': '8192',
  'fs.inotify.max_user_watches': '524288',
  'vm.max_map_count': '262144',
  // What a node does without: kernel addresses and logs for users, magic keys, redirects and source routes. (rp_filter belongs to Cilium.)
  'kernel.kptr_restrict': '2',
  'kernel.dmesg_restrict': '1',
  'kernel.sysrq': '0',
  'net.ipv4.conf.all.accept_redirects': '0',
  'net.ipv4.conf.default.accept_redirects': '0',
  'net.ipv4.conf.all.send_redirects': '0',
  'net.ipv4.conf.default.send_redirects': '0',
  'net.ipv4.conf.all.accept_source_route': '0',
  'net.ipv4.conf.default.accept_source_route': '0',
  'net.ipv6.conf.all.accept_redirects': '0',
  'net.ipv6.conf.default.accept_redirects': '0',
};

/** The user's own over ours. `sysctl --system` goes on after a setting that the kernel does not know. */
export function kernelSettings({ sysctls }: Variables['os']): NodePart {
  const all = { ...settings, ...Object.fromEntries(sysctls.map(({ name, value }) => [name, value])) };
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
  return { files: [file('/etc/sysctl.d/90-keelson.conf', lines.join(''), '0644')], before: ['sysctl --quiet --system || true'] };
}
