/** What the Cluster names must be there: flavors, images, zones, the external network, the load balancer provider. */
import type { FlavorRecord, ImageRecord } from '../../openstack/index.ts';
import type { CloudView } from '../cloud-view.ts';
import type { Demand, Said, ServerGroup } from '../demand.ts';
import type { ClusterFinding } from '../finding.ts';

/** kubeadm's own preflight refuses a control plane below: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/ */
const smallestControlPlane = { vcpus: 2, ramMb: 1700 } as const;

export function existence(demand: Demand, view: CloudView): ClusterFinding[] {
  const flavors = unique(demand.groups.map(({ flavor }) => flavor)).flatMap((flavor) => flavorFindings(flavor, view));
  const images = unique(demand.groups.map(({ image }) => image)).flatMap((image) => imageFindings(image, demand, view));
  const zones = unique(demand.groups.flatMap((group) => group.zones)).flatMap((zone) => zoneFindings(zone, view));
  return [...flavors, ...smallControlPlane(demand.groups[0], view), ...images, ...zones, ...externalNetwork(demand, view), ...provider(demand, view)];
}

/** One finding per field: groups that say nothing share the field they inherit from. */
const unique = (said: readonly Said[]): Said[] => [...new Map(said.map((one) => [one.path, one])).values()];

function flavorFindings(flavor: Said, { flavors }: CloudView): ClusterFinding[] {
  if (!flavors || flavors.some(({ name }) => name === flavor.value)) return [];
  return [missing('cloud/flavor', flavor, 'flavor', flavors.map(({ name }) => name))];
}

function smallControlPlane(group: ServerGroup | undefined, view: CloudView): ClusterFinding[] {
  const flavor = group && flavorOf(group, view);
  if (!group || !flavor || (flavor.vcpus >= smallestControlPlane.vcpus && flavor.ram >= smallestControlPlane.ramMb)) return [];
  return [{
    rule: 'cloud/flavor', severity: 'error', path: group.flavor.path,
    message: `flavor ${flavor.name} has ${flavor.vcpus} cores and ${flavor.ram} MiB; kubeadm starts no control plane below ${smallestControlPlane.vcpus} cores and ${smallestControlPlane.ramMb} MiB`,
    fix: 'choose a larger flavor',
  }];
}

function imageFindings(image: Said, demand: Demand, view: CloudView): ClusterFinding[] {
  if (!view.images) return [];
  const found = view.images.filter(({ name }) => name === image.value);
  const [only] = found;
  const say = (message: string, fix: string): ClusterFinding => ({ rule: 'cloud/image', severity: 'error', path: image.path, message, fix });
  if (!only) return [say(`the cloud has no image ${image.value}`, 'upload it, share it with this project, or correct the name')];
  // CAPO finds images by name and refuses to choose: pkg/cloud/services/compute, getImageID.
  if (found.length > 1) return [say(`the cloud has ${found.length} images ${image.value} (${found.map(({ id }) => id).join(', ')}); CAPO refuses to choose`, 'rename or delete all but one')];
  if (only.status !== 'active') return [say(`image ${image.value} is ${only.status}`, 'wait until it is active, or upload it again')];
  return demand.groups.filter((group) => group.image.path === image.path).flatMap((group) => tooSmallFor(only, group, view));
}

function tooSmallFor(image: ImageRecord, group: ServerGroup, view: CloudView): ClusterFinding[] {
  const flavor = flavorOf(group, view);
  if (!flavor) return [];
  const lacks = [
    ...(flavor.ram < image.min_ram ? [`${image.min_ram} MiB of RAM`] : []),
    // A flavor without a disk boots from a volume, whose size is its own.
    ...(flavor.disk > 0 && flavor.disk < image.min_disk ? [`${image.min_disk} GiB of disk`] : []),
  ];
  if (lacks.length === 0) return [];
  return [{ rule: 'cloud/image', severity: 'error', path: group.flavor.path, message: `image ${group.image.value} needs ${lacks.join(' and ')}; flavor ${flavor.name} has ${flavor.ram} MiB and ${flavor.disk} GiB`, fix: 'choose a larger flavor' }];
}

const flavorOf = (group: ServerGroup, { flavors }: CloudView): FlavorRecord | undefined => flavors?.find(({ name }) => name === group.flavor.value);

function zoneFindings(zone: Said, { zones }: CloudView): ClusterFinding[] {
  return !zones || zones.includes(zone.value) ? [] : [missing('cloud/zone', zone, 'availability zone that takes servers named', zones)];
}

function externalNetwork({ externalNetwork: wanted }: Demand, { externalNetworks }: CloudView): ClusterFinding[] {
  if (!externalNetworks) return [];
  const say = (path: string, message: string, fix: string): ClusterFinding => ({ rule: 'cloud/network', severity: 'error', path, message, fix });
  const names = externalNetworks.map(({ name }) => name);
  if (!wanted) {
    const path = 'spec.topology.variables.network.externalNetwork';
    if (names.length === 0) return [say(path, 'the cloud shows this project no external network', 'ask for one to be shared with it')];
    return names.length === 1 ? [] : [say(path, `is not given, and the cloud has several external networks: ${names.join(', ')}`, 'name one')];
  }
  const { id, name } = wanted.value;
  const found = externalNetworks.filter((network) => (id === undefined ? network.name === name : network.id === id));
  if (found.length === 0) return [say(wanted.path, `the cloud has no external network ${id ?? name ?? ''}; it has ${names.join(', ') || 'none'}`, 'correct it, or ask for the network to be shared with this project')];
  return found.length === 1 ? [] : [say(wanted.path, `${found.length} external networks are called ${name ?? ''}: ${found.map((network) => network.id).join(', ')}`, 'give the id instead of the name')];
}

function provider({ loadBalancer }: Demand, { providers }: CloudView): ClusterFinding[] {
  // To CAPO an unknown provider is a warning: it takes the cloud's default.
  return !loadBalancer || !providers || providers.includes(loadBalancer.provider.value) ? [] : [missing('cloud/load-balancer', loadBalancer.provider, 'load balancer provider', providers)];
}

const missing = (rule: string, said: Said, what: string, known: readonly string[]): ClusterFinding => ({
  rule, severity: 'error', path: said.path, message: `the cloud has no ${what} ${said.value}`, fix: known.length === 0 ? 'it has none; ask its operator' : `it has ${known.toSorted().join(', ')}`,
});
