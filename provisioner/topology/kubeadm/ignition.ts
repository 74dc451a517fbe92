/**
 * What is different where Ignition sets a node up instead of cloud-init: Flatcar Container Linux, of which Cluster API makes
 * configurations of Ignition 2.3 (alpha, gate KubeadmBootstrapFormatIgnition; bootstrap/kubeadm/pkg/ignition of 1.14). Its
 * /usr is read-only, and it has no templates: names of the server are put in by a command, from what coreos-metadata found out.
 */
import type { Variables } from '../../api/variables/index.ts';
import { type DiskWishes, mountPaths } from './disks.ts';
import type { NodePart } from './part.ts';

export const isIgnition = ({ format }: Variables['os']): boolean => format === 'ignition';

/** cloud-init's own placeholders, so that both kinds of nodes have the same documents. */
export const serverNames: NodePart = {
  before: ['sed -i -e "s/{{ local_hostname }}/${COREOS_OPENSTACK_HOSTNAME%%.*}/g" -e "s/{{ instance_id }}/${COREOS_OPENSTACK_INSTANCE_UUID}/g" /etc/kubeadm.yml'],
};

/** Fields of KubeadmConfigSpec. The additional configuration is YAML to its reader; JSON is YAML too. */
export function ignition(wishes: DiskWishes): { readonly format: 'ignition'; readonly ignition: object } {
  const mounts = mountPaths(wishes);
  const after = mounts.length ? [`RequiresMountsFor=${mounts.join(' ')}`] : [];
  const units = [
    { name: 'coreos-metadata.service', enabled: true },
    unit('kubeadm.service', ['[Unit]', 'Requires=containerd.service coreos-metadata.service', 'After=containerd.service coreos-metadata.service', ...after, '[Service]', 'EnvironmentFile=/run/metadata/flatcar']),
    ...(after.length ? [unit('containerd.service', ['[Unit]', ...after])] : []),
  ];
  return { format: 'ignition', ignition: { containerLinuxConfig: { strict: true, additionalConfig: JSON.stringify({ systemd: { units } }) } } };
}

const unit = (name: string, lines: readonly string[]): object => ({ name, enabled: true, dropins: [{ name: '10-keelson.conf', contents: `${lines.join('\n')}\n` }] });

/** Units of mounts are named by replacing slashes alone, which is right for these paths only (systemd.unit(5), "String escaping"). */
export const isMountable = (path: string): boolean => /^(\/[A-Za-z0-9_][A-Za-z0-9_.]*)+$/.test(path);

/** Bytes of a file's content in user data: Ignition holds it as a URL. */
export const weightOf = (content: string): number => encodeURIComponent(content).length;
