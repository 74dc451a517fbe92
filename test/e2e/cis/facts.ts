/** What a check of the CIS benchmark reads on a node: arguments of real processes, modes and owners of real files, the kubelet's configuration. */

export interface Facts {
  /** Program → its arguments by name, without dashes; a flag without a value is "". */
  readonly processes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Path → mode and owner. */
  readonly files: Readonly<Record<string, { readonly mode: number; readonly owner: string; readonly type: string }>>;
  /** /var/lib/kubelet/config.yaml. */
  readonly kubelet: Readonly<Record<string, unknown>>;
}

/** Prints one record a line: kind, a tab, the rest. Runs as root on the node. */
export const factsScript = `
for cmdline in /proc/[0-9]*/cmdline; do
  name=$(tr '\\0' '\\n' < "$cmdline" 2> /dev/null | head -1)
  case "\${name##*/}" in kube-apiserver|kube-controller-manager|kube-scheduler|etcd|kubelet|kube-proxy) printf 'process\\t'; tr '\\0\\n' '\\037 ' < "$cmdline"; echo ;; esac
done
find /etc/kubernetes /var/lib/etcd /var/lib/kubelet/config.yaml /var/log/kubernetes /etc/systemd/system/kubelet.service /usr/lib/systemd/system/kubelet.service /etc/cni/net.d -maxdepth 4 -printf 'file\\t%m\\t%u:%g\\t%y\\t%p\\n' 2> /dev/null
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
  };
}

const split = (argument: string): [string, string] => {
  const at = argument.indexOf('=');
  return at < 0 ? [argument, ''] : [argument.slice(0, at), argument.slice(at + 1)];
};
