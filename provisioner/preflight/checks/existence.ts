/** What the Cluster names must be there: flavors, images, zones, key pairs, volume types, networks, floating IPs, the load balancer's provider and flavor. */
import type { FlavorRecord, ImageRecord } from '../../openstack/index.ts';
import type { CloudView } from '../cloud-view.ts';
import type { Demand, Reference, Said, ServerGroup } from '../demand.ts';
import type { ClusterFinding } from '../finding.ts';
import { propertyFindings } from '../image-properties.ts';

/** kubeadm's own preflight refuses a control plane below: https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/install-kubeadm/ */
const smallestControlPlane = { vcpus: 2, ramMb: 1700 } as const;
/** Of this platform; `worker.allowSmall` lifts it. */
const smallestWorker = { vcpus: 4, ramMb: 8192 } as const;

export function existence(demand: Demand, view: CloudView): ClusterFinding[] {
  const flavors = unique(demand.groups.map(({ flavor }) => flavor)).flatMap((flavor) => flavorFindings(flavor, view));
  const images = unique(demand.groups.map(({ image }) => image)).flatMap((image) => imageFindings(image, demand, view));
  const zones = unique(demand.groups.flatMap((group) => group.zones)).flatMap((zone) => zoneFindings(zone, view));
  const small = demand.groups.flatMap((group) => tooSmall(group, view));
  return [...flavors, ...small, ...images, ...zones, ...keyPairs(demand, view), ...volumes(demand, view), ...externalNetwork(demand, view), ...existingNetwork(demand, view), ...floatingIps(demand, view), ...loadBalancer(demand, view)];
}

/** One finding per field: groups that say nothing share the field they inherit from. */
const unique = (said: readonly Said[]): Said[] => [...new Map(said.map((one) => [one.path, one])).values()];

function flavorFindings(flavor: Said, { flavors }: CloudView): ClusterFinding[] {
  if (!flavors || flavors.some(({ name }) => name === flavor.value)) return [];
  return [missing('cloud/flavor', flavor, 'flavor', flavors.map(({ name }) => name))];
}

function tooSmall(group: ServerGroup, view: CloudView): ClusterFinding[] {
  const flavor = flavorOf(group, view);
  if (!flavor) return [];
  const say = (why: string, fix: string): ClusterFinding[] => [{ rule: 'cloud/flavor', severity: 'error', path: group.flavor.path, message: `flavor ${flavor.name} has ${flavor.vcpus} cores and ${flavor.ram} MiB; ${why}`, fix }];
  if (group.kind === 'control plane' && isBelow(flavor, smallestControlPlane)) return say(`kubeadm starts no control plane below ${smallestControlPlane.vcpus} cores and ${smallestControlPlane.ramMb} MiB`, 'choose a larger flavor');
  if (group.kind === 'workers' && !group.mayBeSmall && isBelow(flavor, smallestWorker)) return say('below 4 cores or 8 GiB the components of the platform leave little room for pods', 'choose a larger flavor for workers, or set worker.allowSmall');
  return [];
}

const isBelow = (flavor: FlavorRecord, least: { vcpus: number; ramMb: number }): boolean => flavor.vcpus < least.vcpus || flavor.ram < least.ramMb;

function imageFindings(image: Said, demand: Demand, view: CloudView): ClusterFinding[] {
  if (!view.images) return [];
  const found = view.images.filter(({ name }) => name === image.value);
  const [only] = found;
  const say = (message: string, fix: string): ClusterFinding => ({ rule: 'cloud/image', severity: 'error', path: image.path, message, fix });
  if (!only) return [say(`the cloud has no image ${image.value}`, 'upload it, share it with this project, or correct the name')];
  // CAPO finds images by name and refuses to choose: pkg/cloud/services/compute, getImageID.
  if (found.length > 1) return [say(`the cloud has ${found.length} images ${image.value} (${found.map(({ id }) => id).join(', ')}); CAPO refuses to choose`, 'rename or delete all but one')];
  if (only.status !== 'active') return [say(`image ${image.value} is ${only.status}`, 'wait until it is active, or upload it again')];
  return demand.groups.filter((group) => group.image.path === image.path).flatMap((group) => [...tooSmallFor(only, group, view), ...propertyFindings(only, group, demand)]);
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

/** To CAPO an unknown provider or flavor is a warning: it takes the cloud's default. */
function loadBalancer({ loadBalancer: wanted }: Demand, view: CloudView): ClusterFinding[] {
  const lacks = (said: Said | undefined, what: string, known: readonly string[] | undefined): ClusterFinding[] => (!said || !known || known.includes(said.value) ? [] : [missing('cloud/load-balancer', said, what, known)]);
  return [...lacks(wanted?.provider, 'load balancer provider', view.providers), ...lacks(wanted?.flavor, 'load balancer flavor', view.loadBalancerFlavors), ...lacks(wanted?.zone, 'load balancer zone', view.loadBalancerZones)];
}

function keyPairs({ groups }: Demand, view: CloudView): ClusterFinding[] {
  return unique(groups.flatMap(({ keyPair }) => keyPair ?? [])).filter(({ value }) => view.keyPairs?.includes(value) === false).map((said) => {
    const finding = missing('cloud/key-pair', said, 'key pair', view.keyPairs ?? []);
    return { ...finding, message: `${finding.message}; key pairs belong to the user of the credentials, not to the project` };
  });
}

function volumes({ groups }: Demand, { volumeTypes, volumeZones }: CloudView): ClusterFinding[] {
  const types = unique(groups.flatMap((group) => group.volumes.flatMap(({ type }) => type ?? []))).filter(({ value }) => volumeTypes?.includes(value) === false);
  const zones = groups.flatMap((group) => (group.volumes.some(({ isInZoneOfServer }) => isInZoneOfServer) ? group.zones : [])).filter(({ value }) => volumeZones?.includes(value) === false);
  return [
    ...types.map((said) => missing('cloud/volume-type', said, 'volume type', volumeTypes ?? [])),
    ...unique(zones).map((said) => missing('cloud/volume-type', said, 'zone of volumes named', volumeZones ?? [])),
  ];
}

function existingNetwork({ existing, nodeCidr }: Demand, view: CloudView): ClusterFinding[] {
  if (!existing || !view.existing) return [];
  const { networks, subnets, routers } = view.existing;
  const say = (path: string, message: string, fix: string): ClusterFinding => ({ rule: 'cloud/network', severity: 'error', path, message, fix });
  const exactlyOne = (said: Said<Reference>, what: string, found: readonly { id: string }[]): ClusterFinding[] => {
    const name = said.value.id ?? said.value.name ?? '';
    if (found.length === 1) return [];
    return [found.length === 0 ? say(said.path, `the cloud has no ${what} ${name}`, 'correct it, or ask for it to be shared with this project') : say(said.path, `${found.length} of the kind are called ${name}: ${found.map(({ id }) => id).join(', ')}`, 'give the id instead of the name')];
  };
  const all = subnets.flat();
  return [
    ...exactlyOne(existing.network, 'network', networks),
    ...existing.subnets.flatMap((said, i) => exactlyOne(said, 'subnet', subnets[i] ?? [])),
    ...(existing.router ? exactlyOne(existing.router, 'router', routers) : []),
    ...all.filter(({ network_id: of }) => networks.length === 1 && of !== networks[0]?.id).map(({ id, name }) => say(existing.network.path, `subnet ${name || id} is not one of network ${networks[0]?.name ?? ''}`, 'name a subnet of this network')),
    ...(all.length > 0 && !all.some(({ cidr }) => cidr === nodeCidr.value) ? [say(nodeCidr.path, `is ${nodeCidr.value}, and the subnet that is there has ${all.map(({ cidr }) => cidr).join(', ')}`, 'give the range of the subnet')] : []),
  ];
}

/** One that serves this cluster already is on a port of it. */
function floatingIps({ floatingIps: { given } }: Demand, { givenFloatingIps, own }: CloudView): ClusterFinding[] {
  if (!givenFloatingIps) return [];
  return given.flatMap((said) => {
    const found = givenFloatingIps.find((ip) => ip.floating_ip_address === said.value);
    const say = (message: string, fix: string): ClusterFinding[] => [{ rule: 'cloud/network', severity: 'error', path: said.path, message, fix }];
    if (!found) return say(`the project has no floating IP ${said.value}`, 'allocate it first, or leave it out and let one be made');
    return found.port_id !== null && (own?.ports ?? 0) === 0 ? say(`floating IP ${said.value} is in use (port ${found.port_id})`, 'free it, or name another') : [];
  });
}

const missing = (rule: string, said: Said, what: string, known: readonly string[]): ClusterFinding => ({
  rule, severity: 'error', path: said.path, message: `the cloud has no ${what} ${said.value}`, fix: known.length === 0 ? 'it has none; ask its operator' : `it has ${known.toSorted().join(', ')}`,
});
