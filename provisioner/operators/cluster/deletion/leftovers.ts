/** What of a project's things a deleted cluster left behind, what of them is to be kept, and what stands in its way. Pure. */
import { bastionGroupName } from '../../../api/names.ts';
import { clusterOfFloatingIp, clusterOfSecurityGroup, csiClusterKey, parseServiceName, retainKey, serviceTags } from './cloud-controller-names.ts';
import type { CloudListing } from './cloud-listing.ts';

export type LeftoverKind = 'load balancer' | 'floating IP' | 'port' | 'security group' | 'snapshot' | 'volume' | 'lost floating IP' | 'bastion group' | 'server group';

/** What CAPO's own things hold on to: to be removed when these are gone. */
export const lastKinds: ReadonlySet<LeftoverKind> = new Set(['lost floating IP', 'bastion group', 'server group']);

export interface Leftover {
  readonly kind: LeftoverKind;
  readonly id: string;
  readonly name: string;
  /** Already on its way out: wait, and delete no second time. */
  readonly isGoing: boolean;
}

export interface Leftovers {
  /** In the order to remove them; those of `lastKinds` last. */
  readonly remove: readonly Leftover[];
  /** Volumes and snapshots that were to be kept, and load balancers that others use too. */
  readonly keep: readonly (Omit<Leftover, 'isGoing'> & { readonly why: string })[];
  /** Ports on the cluster's network that are nobody's we know: Neutron refuses to delete the network while they are there. */
  readonly blockers: readonly { readonly id: string; readonly name: string; readonly owner: string }[];
}

export interface Owner {
  /** The ownership tag; also the name under which cloud controller manager and CSI driver know the cluster. */
  readonly tag: string;
  /** `<namespace>-<name>`: what CAPO calls the cluster in descriptions. */
  readonly capoName: string;
  /** Whether the cluster's API could be asked which volumes are to be retained. Where it could not, data is kept. */
  readonly knowsRetained: boolean;
}

export function leftovers(listing: CloudListing, owner: Owner): Leftovers {
  const balancers = listing.loadBalancers.filter(({ name }) => parseServiceName(name)?.cluster === owner.tag);
  const [shared, alone] = split(balancers, ({ tags }) => serviceTags(tags).some(({ cluster }) => cluster !== owner.tag));
  const data = dataOf(listing, owner);
  const remove = [
    // Before its load balancer: a floating IP that lost its port says no more whose it was.
    ...listing.floatingIps.filter((ip) => clusterOfFloatingIp(ip.description) === owner.tag && !shared.some((lb) => lb.vip_port_id === ip.port_id)).map((ip) => leftover('floating IP', { ...ip, name: ip.floating_ip_address })),
    ...alone.map((lb) => leftover('load balancer', lb, lb.provisioning_status.startsWith('PENDING_'))),
    ...listing.ports.filter((port) => isLeftPort(port, owner)).map((port) => leftover('port', port)),
    ...listing.securityGroups.filter((group) => clusterOfSecurityGroup(group.description) === owner.tag).map((group) => leftover('security group', group)),
    ...data.remove,
    ...listing.floatingIps.filter((ip) => isLostFloatingIp(ip, owner)).map((ip) => leftover('lost floating IP', { ...ip, name: ip.floating_ip_address })),
    ...listing.securityGroups.filter(({ name }) => name === bastionGroupName(owner.tag)).map((group) => leftover('bastion group', group)),
    ...listing.serverGroups.filter(({ name }) => name.startsWith(`${owner.tag}-`)).map((group) => leftover('server group', group)),
  ];
  const keep = [...shared.map((lb) => ({ ...named('load balancer', lb), why: 'Services of other clusters use it too' })), ...data.keep];
  return { remove, keep, blockers: blockersOf(listing, owner) };
}

/** Tagged, and no server, router or load balancer has it: CAPO lost it (CAPO#1404). */
const isLeftPort = (port: CloudListing['ports'][number], { tag }: Owner): boolean => port.tags.includes(tag) && port.device_id === '' && port.device_owner === '' && !isVip(port);

/**
 * CAPO forgets one where it could not write it down (see lost-floating-ip.ts). It makes a floating IP with a description and tags it in a second call
 * (0.14, pkg/cloud/services/networking/floatingip.go); where that one is refused, it forgets one without tags.
 */
const isLostFloatingIp = (ip: CloudListing['floatingIps'][number], { tag, capoName }: Owner): boolean => {
  const isMadeAndNotTagged = ip.tags.length === 0 && ip.description === `Created by cluster-api-provider-openstack cluster ${capoName}`;
  return ip.port_id === null && (ip.tags.includes(tag) || isMadeAndNotTagged);
};

/** OVN's load balancers have ports without a device. */
const isVip = ({ name }: { name: string }): boolean => name.startsWith('ovn-lb-vip-') || name.startsWith('octavia-lb-');

function dataOf(listing: CloudListing, owner: Owner): Pick<Leftovers, 'keep'> & { readonly remove: readonly Leftover[] } {
  const isOurs = ({ metadata }: { metadata: Record<string, string> }): boolean => metadata[csiClusterKey] === owner.tag;
  const [kept, gone] = split(listing.volumes.filter(isOurs), ({ metadata }) => !owner.knowsRetained || metadata[retainKey] === 'true');
  // With a volume goes, or stays, what was taken of it.
  const [keptSnapshots, goneSnapshots] = split(listing.snapshots.filter(isOurs), ({ metadata, volume_id: of }) => !owner.knowsRetained || metadata[retainKey] === 'true' || kept.some(({ id }) => id === of));
  const [holders, free] = split(gone, ({ id }) => keptSnapshots.some((snapshot) => snapshot.volume_id === id));
  const why = owner.knowsRetained ? 'it is to be retained' : "the cluster's API could not be asked whether it is to be retained";
  return {
    // Snapshots first: Cinder deletes no volume that has one.
    remove: [...goneSnapshots.map((one) => leftover('snapshot', one, one.status === 'deleting')), ...free.map((one) => leftover('volume', one, one.status === 'deleting'))],
    keep: [
      ...keptSnapshots.map((one) => ({ ...named('snapshot', one), why })), ...kept.map((one) => ({ ...named('volume', one), why })),
      ...holders.map((one) => ({ ...named('volume', one), why: 'a snapshot of it is to be retained' })),
    ],
  };
}

/** Ports of Neutron itself and of the router go with the network; those of our load balancers with these. */
function blockersOf({ ports, networkId, loadBalancers }: CloudListing, { tag }: Owner): Leftovers['blockers'] {
  const going = new Set(loadBalancers.filter((lb) => lb.tags.includes(tag) || parseServiceName(lb.name)?.cluster === tag).map((lb) => lb.vip_port_id));
  return ports
    .filter((port) => port.network_id === networkId && !port.device_owner.startsWith('network:') && !port.tags.includes(tag) && !going.has(port.id))
    .map(({ id, name, device_owner: owner, device_id: device }) => ({ id, name, owner: [owner, device].filter(Boolean).join(' ') || 'no device' }));
}

const named = (kind: LeftoverKind, { id, name }: { id: string; name: string | null }) => ({ kind, id, name: name ?? '' });
const leftover = (kind: LeftoverKind, record: { id: string; name: string | null }, isGoing = false): Leftover => ({ ...named(kind, record), isGoing });

function split<T>(list: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [list.filter(isFirst), list.filter((item) => !isFirst(item))];
}
