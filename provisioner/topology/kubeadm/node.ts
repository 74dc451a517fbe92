/** What every node has in common: registration, patches, files, commands, operating system. */
import type { Inputs } from '../patches/inputs.ts';
import { fileSystems, type DiskWishes } from './disks.ts';
import { fileModes } from './file-modes.ts';
import { ignition, isIgnition, serverNames } from './ignition.ts';
import { kubelet } from './kubelet.ts';
import { operatingSystem } from './os/index.ts';
import { ntp } from './os/time.ts';
import { users } from './os/users.ts';
import { joinParts, type NodePart } from './part.ts';
import { patchesFolder, sizing } from './sizing.ts';

export interface NodeWishes {
  readonly disks: DiskWishes;
  readonly labels: readonly { readonly key: string; readonly value: string }[];
  /** undefined: kubeadm's own (a control plane gets its taint); empty: none. */
  readonly taints?: readonly { readonly key: string; readonly value?: string | undefined; readonly effect: string }[] | undefined;
  /** Sizes the API server too. */
  readonly requestsPerCore?: number;
  /** Of the kind of node, between the common ones. */
  readonly parts?: readonly NodePart[];
}

/** kubeadm applies what lies here, on the first control plane server, on those that join, and on workers. */
export const patches = { directory: patchesFolder } as const;

/**
 * Since Kubernetes 1.33 only kubelet and controller manager know --cloud-provider; the API server exits when it is set.
 * cloud-init (or a command, see `ignition.ts`) replaces the templates: the name must be the host name (CIS 4.2.7), and provider-id what CAPO writes
 * into the OpenStackMachine, so that the Node is found before any cloud controller runs.
 */
export function nodeRegistration({ labels, taints }: NodeWishes): object {
  const nodeLabels = labels.map(({ key, value }) => `${key}=${value}`).join(',');
  return {
    name: '{{ local_hostname }}',
    kubeletExtraArgs: [
      { name: 'cloud-provider', value: 'external' },
      { name: 'provider-id', value: 'openstack:///{{ instance_id }}' },
      ...(nodeLabels ? [{ name: 'node-labels', value: nodeLabels }] : []),
    ],
    ...(taints === undefined ? {} : { taints: taints.map(({ key, value, effect }) => ({ key, ...(value === undefined ? {} : { value }), effect })) }),
  };
}

/** Fields of KubeadmConfigSpec beside kubeadm's own documents. */
export function nodeSetup(inputs: Inputs, wishes: NodeWishes): Readonly<Record<string, unknown>> {
  const { os } = inputs.variables;
  const { files, before, after } = joinParts([...(isIgnition(os) ? [serverNames] : []), operatingSystem(inputs), kubelet(inputs), sizing(wishes.requestsPerCore), ...(wishes.parts ?? []), fileModes(os.format)]);
  return {
    files,
    preKubeadmCommands: before,
    postKubeadmCommands: after,
    ...fileSystems(wishes.disks, os.format),
    ...ntp(os),
    ...users(os),
    ...(isIgnition(os) ? ignition(wishes.disks) : {}),
  };
}
