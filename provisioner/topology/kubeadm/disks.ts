/** Volumes of a machine, on both sides: what Cinder makes of them, and how cloud-init formats and mounts them. */
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

/** Fields of KubeadmConfigSpec: nothing where no volume is mounted. A file system that is there is kept. */
export function fileSystems({ etcdVolume, volumes }: DiskWishes): { readonly diskSetup?: object; readonly mounts?: readonly (readonly string[])[] } {
  const attached = [...(etcdVolume ? [{ mountPath: etcdMount, label: 'keelson-etcd' }] : []), ...volumes.map(({ mountPath }, i) => ({ mountPath, label: `keelson-${i + 1}` }))];
  const mounted = attached.map((disk, i) => ({ ...disk, device: diskAt(i) })).filter(({ mountPath }) => mountPath !== undefined);
  if (!mounted.length) return {};
  return {
    diskSetup: { filesystems: mounted.map(({ device: path, label }) => ({ device: path, filesystem: 'ext4', label, partition: 'none', overwrite: false })) },
    mounts: mounted.map(({ label, mountPath = '' }) => [`LABEL=${label}`, mountPath]),
  };
}

/** Nova hands volumes out in the order of the request, after the disk the server boots from (virtio: vda). */
const diskAt = (index: number): string => `/dev/vd${String.fromCharCode('b'.charCodeAt(0) + index)}`;
