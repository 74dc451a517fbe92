/** Checks of the machines: mount points, and what their user data weigh. */
import { controlPlaneConfig } from '../kubeadm/control-plane.ts';
import { etcdMount } from '../kubeadm/disks.ts';
import { isIgnition, isMountable, weightOf } from '../kubeadm/ignition.ts';
import type { NodeFile } from '../kubeadm/part.ts';
import { workerConfig } from '../kubeadm/worker.ts';
import type { Inputs } from '../patches/inputs.ts';
import type { Check, Finding } from './finding.ts';

/**
 * Nova takes 65,535 bytes of user data in base64 (nova/api/openstack/compute/schemas/servers.py), which are 49,151 plain.
 * kubeadm's own documents, certificates and keys of a control plane take up to 16 KiB of it.
 */
const maxSetupBytes = 32 * 1024;

/** Below these another program writes, or the system cannot start without them. */
const reserved = ['/', '/etc', '/usr', '/run', '/proc', '/sys', '/dev', '/boot', etcdMount] as const;

const mounts: Check = ({ variables: { controlPlane, worker, os }, builtin }) =>
  builtin.machineDeployment ? mountFindings('worker.volumes', worker.volumes ?? [], os) : mountFindings('controlPlane.volumes', controlPlane.volumes, os);

function mountFindings(path: string, volumes: readonly { readonly name: string; readonly mountPath?: string | undefined }[], os: Inputs['variables']['os']): Finding[] {
  const paths = volumes.flatMap(({ mountPath }) => (mountPath === undefined ? [] : [mountPath.replace(/\/+$/, '') || '/']));
  const twice = paths.filter((mount, i) => paths.indexOf(mount) !== i).map((mount) => ({ path, message: `two volumes are mounted at ${mount}`, fix: 'give each a path of its own' }));
  const taken = paths.filter((mount) => reserved.some((root) => mount === root || mount.startsWith(`${etcdMount}/`))).map((mount) => ({ path, message: `${mount} belongs to the system`, fix: 'mount the volume elsewhere; etcd has etcdVolume' }));
  const unfit = isIgnition(os) ? volumes.flatMap(({ mountPath }) => (mountPath === undefined || isMountable(mountPath) ? [] : [{ path, message: `Cluster API makes no unit of systemd for ${mountPath} with Ignition`, fix: 'take a path of letters, digits, dots and underscores, without a slash at its end' }])) : [];
  return [...twice, ...taken, ...unfit];
}

const userData: Check = (inputs) => (inputs.builtin.machineDeployment ? weight('a worker', inputs, workerConfig) : weight('the control plane', inputs, controlPlaneConfig));

function weight(whose: string, inputs: Inputs, config: (inputs: Inputs) => Readonly<Record<string, unknown>>): Finding[] {
  const setup = config(inputs);
  const plain = Buffer.byteLength(JSON.stringify(setup));
  const bytes = isIgnition(inputs.variables.os) ? plain + (setup['files'] as readonly NodeFile[]).reduce((more, { content = '' }) => more + weightOf(content) - content.length, 0) : plain;
  return bytes > maxSetupBytes
    ? [{ path: 'os', message: `the user data of ${whose} would have ${bytes} bytes beside kubeadm's own, Nova leaves room for ${maxSetupBytes}`, fix: 'put certificate authorities, users and mirrors into the image, or shorten api.audit.rules' }]
    : [];
}

export const machineChecks: readonly Check[] = [mounts, userData];
