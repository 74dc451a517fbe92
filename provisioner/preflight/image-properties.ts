/** What stands in Glance beside the disk of a node image: the list of it, for the page, and what preflight finds against it. */
import type { ImageRecord } from '../openstack/index.ts';
import type { Demand, ServerGroup } from './demand.ts';
import type { ClusterFinding } from './finding.ts';

export interface ImageProperty {
  readonly name: string;
  readonly value: string;
  /** Who relies on it. */
  readonly why: string;
  /** What preflight says. */
  readonly check: string;
}

export const imageProperties: readonly ImageProperty[] = [
  { name: 'name', value: 'free, and the only one in the view of the project', why: 'CAPO finds images by name and refuses an ambiguous one', check: 'refused when there is none or more than one' },
  { name: '`min_disk`, `min_ram`', value: 'what the image needs', why: 'a server that is too small does not start', check: 'refused when the flavor has less' },
  { name: '`kube_version`', value: 'the Kubernetes in it, such as `v1.36.3`', why: 'kubeadm and kubelet of another minor version do not join', check: 'warned when it is missing or of another patch version, refused when it is another minor version than `spec.topology.version`' },
  { name: '`os_distro`', value: "as Glance's list has it: `ubuntu`, `debian`, `flatcar`", why: 'cloud-init and Ignition do not read each other', check: 'refused when `flatcar` and `os.format` do not fit' },
  { name: '`hw_disk_bus`', value: '`virtio`, or not set where that is what the cloud does', why: 'volumes are formatted as vdb, vdc, … in the order of the request', check: 'refused when it is another and the Cluster mounts volumes' },
];

/** Of an image that is there, for a group of nodes. A bastion holds no Kubernetes. */
export function propertyFindings(image: ImageRecord, group: ServerGroup, demand: Demand): ClusterFinding[] {
  if (group.kind === 'bastion') return [];
  const say = (severity: 'error' | 'warning', message: string, fix: string): ClusterFinding => ({ rule: 'cloud/image', severity, path: group.image.path, message: `image ${group.image.value} ${message}`, fix });
  return [...kubernetes(image, demand, say), ...distribution(image, demand, say), ...disks(image, group, say)];
}

type Say = (severity: 'error' | 'warning', message: string, fix: string) => ClusterFinding;

function kubernetes(image: ImageRecord, { version }: Demand, say: Say): ClusterFinding[] {
  const holds = propertyOf(image, 'kube_version');
  if (holds === undefined) return [say('warning', 'does not say which Kubernetes it holds', `openstack image set --property kube_version=${version.value} ${image.name ?? image.id}, if it is so`)];
  if (bare(holds) === bare(version.value)) return [];
  const fix = 'name an image of the version of the Cluster, or correct its property kube_version';
  return minor(holds) === minor(version.value) ? [say('warning', `holds Kubernetes ${holds}, the Cluster is to have ${version.value}`, fix)] : [say('error', `holds Kubernetes ${holds}, the Cluster is to have ${version.value}: its nodes would not join`, fix)];
}

function distribution(image: ImageRecord, { format }: Demand, say: Say): ClusterFinding[] {
  const distro = propertyOf(image, 'os_distro')?.toLowerCase();
  if (distro === undefined || (distro === 'flatcar') === (format.value === 'ignition')) return [];
  return [say('error', `is ${distro} (os_distro), and os.format is ${format.value}: its servers would not read what they are told`, distro === 'flatcar' ? 'set os.format to ignition, or name another image' : 'set os.format to cloud-config, or name an image of Flatcar')];
}

function disks(image: ImageRecord, { volumes }: ServerGroup, say: Say): ClusterFinding[] {
  const bus = propertyOf(image, 'hw_disk_bus');
  if (bus === undefined || bus === 'virtio' || !volumes.some(({ isMounted }) => isMounted)) return [];
  return [say('error', `has its disks on ${bus} (hw_disk_bus), where they are not called vdb, vdc, …: the volumes of the Cluster would not be found`, 'openstack image set --property hw_disk_bus=virtio, or leave the volumes out')];
}

/** Properties stand beside the fixed fields (Image API v2). */
function propertyOf(image: ImageRecord, name: string): string | undefined {
  const value = image[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const bare = (version: string): string => version.replace(/^v/, '');
const minor = (version: string): string => bare(version).split('.').slice(0, 2).join('.');
