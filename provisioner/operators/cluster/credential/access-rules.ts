/**
 * The calls that a workload cluster may make in its cloud: those of the cloud controller manager and of the Cinder CSI driver
 * (cloud-provider-openstack v1.36.0, pkg/openstack and pkg/csi/cinder), and no others. It makes no server, no network, no
 * image, no user, and deletes none of them.
 */
import type { AccessRule } from '../../../openstack/index.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
const rules = (services: readonly string[], paths: Readonly<Record<string, readonly Method[]>>): AccessRule[] =>
  services.flatMap((service) => Object.entries(paths).flatMap(([path, methods]) => methods.map((method) => ({ service, method, path }))));

const read = ['GET'] as const;
const all = ['GET', 'POST', 'PUT', 'DELETE'] as const;

/** `**` stands for any text, `*` for one segment. Version documents are asked for with a token too. */
export const workloadAccessRules: readonly AccessRule[] = [
  // Which server a Node is, its addresses; and volumes put onto it.
  ...rules(['compute'], {
    '/': read, '/v2.1': read, '/v2.1/': read, '/v2.1/servers': read, '/v2.1/servers/detail': read, '/v2.1/servers/*': read, '/v2.1/servers/*/os-interface': read, '/v2.1/flavors/*': read,
    '/v2.1/servers/*/os-volume_attachments': ['GET', 'POST'], '/v2.1/servers/*/os-volume_attachments/*': ['GET', 'DELETE'],
  }),
  ...rules(['network'], {
    '/': read, '/v2.0': read, '/v2.0/': read, '/v2.0/extensions': read, '/v2.0/extensions/*': read, '/v2.0/networks': read, '/v2.0/networks/*': read, '/v2.0/subnets': read, '/v2.0/subnets/*': read,
    // Addresses of nodes; routes of pods need pairs of addresses on the ports and entries in the router.
    '/v2.0/ports': read, '/v2.0/ports/*': ['GET', 'PUT'], '/v2.0/routers': read, '/v2.0/routers/*': ['GET', 'PUT'], '/v2.0/routers/*/add_extraroutes': ['PUT'], '/v2.0/routers/*/remove_extraroutes': ['PUT'],
    // Services of type LoadBalancer.
    '/v2.0/floatingips': ['GET', 'POST'], '/v2.0/floatingips/*': ['GET', 'PUT', 'DELETE'], '/v2.0/floatingips/*/tags': ['GET', 'PUT'], '/v2.0/floatingips/*/tags/*': ['PUT'],
    '/v2.0/security-groups': ['GET', 'POST'], '/v2.0/security-groups/*': ['GET', 'PUT', 'DELETE'], '/v2.0/security-groups/*/tags': ['GET', 'PUT'], '/v2.0/security-groups/*/tags/*': ['PUT'],
    '/v2.0/security-group-rules': ['GET', 'POST'], '/v2.0/security-group-rules/*': ['GET', 'DELETE'],
  }),
  ...rules(['load-balancer'], { '/': read, '/v2.0': read, '/v2': read, '/v2.0/lbaas/**': all, '/v2/lbaas/**': all }),
  // Catalogs call Cinder by either name.
  ...rules(['volumev3', 'block-storage'], {
    '/': read, '/v3': read, '/v3/': read, '/v3/*/volumes': ['POST'], '/v3/*/volumes/detail': read, '/v3/*/volumes/*': ['GET', 'DELETE'], '/v3/*/volumes/*/action': ['POST'], '/v3/*/volumes/*/metadata': ['GET', 'POST', 'PUT'],
    '/v3/*/snapshots': ['GET', 'POST'], '/v3/*/snapshots/detail': read, '/v3/*/snapshots/*': ['GET', 'DELETE'], '/v3/*/types': read, '/v3/*/types/*': read, '/v3/*/limits': read,
    '/v3/*/backups': ['GET', 'POST'], '/v3/*/backups/detail': read, '/v3/*/backups/*': ['GET', 'DELETE'],
  }),
];
