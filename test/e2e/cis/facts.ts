/** What a check of the CIS benchmark reads on a node: arguments of real processes, modes and owners of real files, the kubelet's configuration. */

export interface Facts {
  /** Program → its arguments by name, without dashes; a flag without a value is "". */
  readonly processes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Path → mode and owner. */
  readonly files: Readonly<Record<string, { readonly mode: number; readonly owner: string; readonly type: string }>>;
  /** /var/lib/kubelet/config.yaml. */
  readonly kubelet: Readonly<Record<string, unknown>>;
  /** TCP sockets of the node that listen, by what the kernel says of them. */
  readonly listening: readonly Socket[];
}

export interface Socket {
  /** "127.0.0.1", "0.0.0.0", "::1", "::"; of other IPv6 addresses the kernel's own 32 digits. */
  readonly address: string;
  readonly port: number;
}

/** Prints one record a line: kind, a tab, the rest. Runs as root on the node. */
export const factsScript = `
for cmdline in /proc/[0-9]*/cmdline; do
  name=$(tr '\\0' '\\n' < "$cmdline" 2> /dev/null | head -1)
  case "\${name##*/}" in kube-apiserver|kube-controller-manager|kube-scheduler|etcd|kubelet|kube-proxy) printf 'process\\t'; tr '\\0\\n' '\\037 ' < "$cmdline"; echo ;; esac
done
find /etc/kubernetes /var/lib/etcd /var/lib/kubelet/config.yaml /var/log/kubernetes /etc/systemd/system/kubelet.service /usr/lib/systemd/system/kubelet.service /etc/cni/net.d -maxdepth 4 -printf 'file\\t%m\\t%u:%g\\t%y\\t%p\\n' 2> /dev/null
sed -n 's/^ *[0-9]*: \\([0-9A-F]*:[0-9A-F]*\\) [0-9A-F:]* 0A .*/listen\\t\\1/p' /proc/net/tcp /proc/net/tcp6
sed 's/^/kubelet\\t/' /var/lib/kubelet/config.yaml
`;

/** @param parseYaml of /var/lib/kubelet/config.yaml */
export function readFacts(text: string, parseYaml: (yaml: string) => unknown): Facts {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const of = (kind: string): string[][] => lines.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  return {
    processes: Object.fromEntries(of('process').map(([line = '']) => {
      const [program = '', ...args] = line.split('\u001f').filter((part) => part !== '');
      return [program.split('/').at(-1) ?? '', Object.fromEntries(args.filter((arg) => arg.startsWith('-')).map((arg) => split(arg.replace(/^-+/, ''))))];
    })),
    files: Object.fromEntries(of('file').map(([mode = '', owner = '', type = '', path = '']) => [path, { mode: Number.parseInt(mode, 8), owner, type }])),
    kubelet: parseYaml(of('kubelet').map((parts) => parts.join('\t')).join('\n')) as Record<string, unknown>,
    listening: of('listen').map(([socket = '']) => socketOf(socket)),
  };
}

/** /proc/net/tcp: 32-bit words in the order of the machine's bytes, little-endian here. */
function socketOf(text: string): Socket {
  const [digits = '', port = ''] = text.split(':');
  const address = digits.length === 8 ? (digits.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)).join('.') : (ipv6[digits] ?? digits);
  return { address, port: Number.parseInt(port, 16) };
}
const ipv6: Readonly<Record<string, string>> = { '00000000000000000000000000000000': '::', '00000000000000000000000001000000': '::1' };

const split = (argument: string): [string, string] => {
  const at = argument.indexOf('=');
  return at < 0 ? [argument, ''] : [argument.slice(0, at), argument.slice(at + 1)];
};
