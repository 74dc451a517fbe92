/** Volumes of a machine, on both sides: what Cinder makes of them, and how cloud-init or Ignition formats and mounts them. */
import type { Variables } from '../../api/variables/index.ts';

type Volume = NonNullable<Variables['controlPlane']['rootVolume']>;
type ExtraVolume = Variables['controlPlane']['volumes'][number];

export interface DiskWishes {
  readonly rootVolume?: Volume | undefined;
  readonly etcdVolume?: Volume | undefined;
  readonly volumes: readonly ExtraVolume[];
}

/** etcd's data stand below the mount point: a fresh file system is not empty (lost+found), and kubeadm wants an empty folder. */
export const etcdMount = '/var/lib/etcd';
export const etcdDataDir = `${etcdMount}/data`;

/** Fields of OpenStackMachineTemplate. */
export function blockDevices({ rootVolume, etcdVolume, volumes }: DiskWishes): { readonly rootVolume?: object; readonly additionalBlockDevices?: readonly object[] } {
  const devices = [...(etcdVolume ? [device('etcd', etcdVolume)] : []), ...volumes.map((volume) => device(volume.name, volume))];
  return {
    ...(rootVolume ? { rootVolume: { sizeGiB: rootVolume.sizeGiB, ...placement(rootVolume) } } : {}),
    ...(devices.length ? { additionalBlockDevices: devices } : {}),
  };
}

const device = (name: string, volume: Volume): object => ({ name, sizeGiB: volume.sizeGiB, storage: { type: 'Volume', volume: placement(volume) } });

const placement = ({ type, zone }: Volume): object => ({ ...(type === undefined ? {} : { type }), ...(zone === 'server' ? { availabilityZone: { from: 'Machine' } } : {}) });

/**
 * Fields of KubeadmConfigSpec: nothing where no volume is mounted. A file system that is there is kept. Ignition knows no
 * partitions here, and Cluster API looks the device of a mount up by the bare label for it.
 */
export function fileSystems(wishes: DiskWishes, format: Variables['os']['format']): { readonly diskSetup?: object; readonly mounts?: readonly (readonly string[])[] } {
  const mounted = mountedDisks(wishes);
  if (!mounted.length) return {};
  const isIgnition = format === 'ignition';
  return {
    diskSetup: { filesystems: mounted.map(({ device: path, label }) => ({ device: path, filesystem: 'ext4', label, ...(isIgnition ? {} : { partition: 'none' }), overwrite: false })) },
    mounts: mounted.map(({ label, mountPath }) => (isIgnition ? [label, mountPath, 'defaults'] : [`LABEL=${label}`, mountPath])),
  };
}

export const mountPaths = (wishes: DiskWishes): string[] => mountedDisks(wishes).map(({ mountPath }) => mountPath);

function mountedDisks({ etcdVolume, volumes }: DiskWishes): { readonly label: string; readonly mountPath: string; readonly device: string }[] {
  const attached = [...(etcdVolume ? [{ mountPath: etcdMount, label: 'keelson-etcd' }] : []), ...volumes.map(({ mountPath }, i) => ({ mountPath, label: `keelson-${i + 1}` }))];
  return attached.flatMap(({ mountPath, label }, i) => (mountPath === undefined ? [] : [{ label, mountPath, device: diskAt(i) }]));
}

/** Nova hands volumes out in the order of the request, after the disk the server boots from (virtio: vda). */
const diskAt = (index: number): string => `/dev/vd${String.fromCharCode('b'.charCodeAt(0) + index)}`;
