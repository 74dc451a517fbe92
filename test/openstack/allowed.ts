/** Where the simulation may differ from a real cloud, and why. An entry that nothing needs any more is a failure: it hides something. */
import type { Difference } from './compare.ts';

export interface Allowed {
  /** Name of a case; `*` stands for any text. */
  readonly case: string;
  readonly step: string;
  /** As in Difference; `*` stands for any text. */
  readonly path: string;
  /** What each side says, where that narrows it down. `*` stands for any text. */
  readonly simulation?: string;
  readonly real?: string;
  /** Only another number where both sides say one: a key that is missing and a text in its place are refused. */
  readonly ofNumbers?: true;
  readonly because: string;
}

export const allowed: readonly Allowed[] = [
  {
    case: 'identity: log in', step: '*', path: 'body *catalog[]', simulation: 'absent', real: '*placement*',
    because: 'Placement is not simulated: Nova and Neutron use it among themselves, no client of ours calls it',
  },
  {
    case: 'identity: application credentials', step: 'create without a name', path: 'body error.message', real: "'name' is a required property*",
    because: 'Keystone adds its whole JSON schema to the message',
  },
  {
    case: 'identity: access rules of application credentials', step: '*', path: 'body error.message', simulation: 'Invalid input for field \'access_rules/0*', real: 'Invalid input for field \'access_rules/0*Failed validating*',
    because: 'Keystone adds its whole JSON schema to the message',
  },
  {
    case: 'image: images', step: '*', path: 'body *owner_specified.openstack.*', simulation: 'absent',
    because: 'openstacksdk adds these properties to images it uploads; the simulation has its image from the start',
  },
  {
    case: 'network: directory', step: 'quotas', path: 'body quota.*', ofNumbers: true,
    because: 'how much a project may have is a setting of each cloud',
  },
  {
    case: 'volumes: *', step: '*', path: 'body limits.absolute.max*', ofNumbers: true,
    because: 'how much a project may have is a setting of each cloud',
  },
  {
    case: 'volumes: *', step: '*', path: 'body quota_set.*', ofNumbers: true,
    because: 'how much a project may have is a setting of each cloud',
  },
  {
    case: 'volumes: status', step: '*', path: 'body volume.os-vol-host-attr:host',
    because: 'the name of a backend is a setting of each cloud',
  },
  {
    case: '*volumes: *', step: '*', path: 'body *volume_image_metadata.owner_specified.openstack.*', simulation: 'absent',
    because: 'openstacksdk adds these properties to images it uploads; the simulation has its image from the start',
  },
  {
    case: '*', step: '*', path: 'body *kube_version', real: 'absent',
    because: 'a node image says which Kubernetes it holds; the image of the recordings is no node image',
  },
  {
    case: 'server volumes: *', step: '*', path: 'body *device', simulation: '/dev/vd*', real: '/dev/sd*',
    because: 'Nova\'s fake driver has SCSI disks; libvirt\'s are virtio disks unless the image says otherwise',
  },
  {
    case: 'scheduling: hosts', step: 'zones with hosts', path: 'body availabilityZoneInfo[]*',
    because: 'the name of the host that Nova\'s own services run on is a setting of each cloud',
  },
  {
    case: '*', step: '*', path: 'body *OS-EXT-SRV-ATTR:root_device_name', simulation: '/dev/vda', real: '/dev/sda',
    because: 'as above: the fake driver\'s disks are SCSI disks',
  },
  {
    case: 'scheduling: *', step: '*', path: 'body server.fault.details', simulation: 'absent',
    because: 'the traceback of Nova\'s own code, which administrators see',
  },
  {
    case: 'projects: quotas of every service', step: 'cores too many', path: 'body forbidden.message', simulation: 'Quota exceeded for cores: Requested 2,*', real: 'Quota exceeded for cores: Requested 1,*',
    because: 'the smallest flavor of each cloud has its own number of cores',
  },
  {
    case: 'projects: quotas of every service', step: '*', path: 'body quota*', ofNumbers: true,
    because: 'how much a project may have is a setting of each cloud',
  },
  {
    case: 'projects: a shared network', step: '*', path: 'body NeutronError.message', real: '*Callback neutron.*',
    because: 'the numbers in Neutron\'s message are addresses in its memory',
  },
  {
    case: 'compute: a server*', step: '*', path: 'body *', simulation: 'ACTIVE', real: 'DOWN',
    because: 'the lab runs no guests, so that no port of a server ever comes up; where guests run, it does',
  },
  {
    case: 'compute: power', step: 'console', path: 'body output',
    because: 'what a console shows is the guest\'s business',
  },
  {
    case: 'load balancer: as Cluster API makes it', step: '*', path: 'body *operating_status', simulation: 'OFFLINE', real: 'ERROR',
    because: 'the lab probes a member that nobody runs; without a fabric behind it the simulation knows nothing of its health',
  },
  {
    case: 'load balancer: *', step: '*', path: 'body *operating_status', simulation: 'ONLINE', real: 'OFFLINE',
    because: 'the lab\'s amphora provider is its control plane alone: no amphora ever reports that it works',
  },
  {
    case: 'load balancer: all in one call', step: 'its *', path: 'body *operating_status', simulation: 'ONLINE', real: '<not known yet>',
    because: 'as below: what is pending for ever in the lab has no status to speak of',
  },
  {
    case: 'load balancer: all in one call', step: 'its *', path: 'body *provisioning_status', simulation: 'ACTIVE', real: 'PENDING_CREATE',
    because: 'the lab\'s amphora worker has drivers that do nothing and leaves what came with the load balancer pending',
  },
  {
    case: 'load balancer: all in one call', step: 'its pools', path: 'body pools[].updated_at', simulation: '<time>', real: 'null',
    because: 'as above: the lab never finishes these pools',
  },
  {
    case: 'load balancer: all in one call, by OVN', step: 'its monitor', path: 'body healthmonitor.*_status',
    because: 'OVN\'s provider 3.0, which Debian 12 has, never finishes a monitor that came with its load balancer (https://bugs.launchpad.net/neutron/+bug/1997094); the simulation does as 3.1',
  },
  {
    case: 'load balancer: all in one call, by OVN', step: 'its monitor', path: 'body healthmonitor.updated_at', simulation: '<time>', real: 'null',
    because: 'as above: it is never finished',
  },
  {
    case: 'load balancer: refused', step: 'providers', path: 'body providers[].description',
    because: 'the descriptions of providers are a setting of each cloud',
  },
];

/** Sorts differences into those that are allowed and those that are not, and says which entries were of use. */
export function sift(differences: readonly Difference[], entries: readonly Allowed[]): { refused: Difference[]; used: Set<Allowed>; excused: number } {
  const used = new Set<Allowed>();
  const refused: Difference[] = [];
  for (const difference of differences) {
    const found = entries.filter((entry) => covers(entry, difference));
    for (const entry of found) used.add(entry);
    if (found.length === 0) refused.push(difference);
  }
  return { refused, used, excused: differences.length - refused.length };
}

function covers(entry: Allowed, difference: Difference): boolean {
  return like(entry.case, difference.case) && like(entry.step, difference.step) && like(entry.path, difference.path)
    && (entry.ofNumbers === undefined || difference.isOfNumbers) && like(entry.simulation ?? '*', difference.simulation) && like(entry.real ?? '*', difference.real);
}

/** `*` stands for any text, everything else for itself. */
export function like(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(text);
}
