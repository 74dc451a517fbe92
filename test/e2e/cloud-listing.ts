/** Everything that the tenant has in the simulated cloud, one line each: what a cluster left behind shows in the difference of two listings. */
import { readFile } from 'node:fs/promises';
import { localCloudsFile, cloudName } from '../../sandbox/fleet/cloud.ts';
import { listAll } from '../../provisioner/openstack/collection.ts';
import { parseClouds, Session, type ServiceType } from '../../provisioner/openstack/index.ts';

interface Resource { readonly id: string; readonly name?: string; readonly status?: string; readonly metadata?: object; readonly tags?: readonly string[]; readonly description?: string | null; readonly device_id?: string }

const collections: readonly (readonly [ServiceType, path: string, name: string])[] = [
  ['compute', '/servers/detail', 'servers'], ['compute', '/os-keypairs', 'keypairs'], ['compute', '/os-server-groups', 'server_groups'],
  ...(['networks', 'subnets', 'ports', 'routers', 'security-groups', 'floatingips', 'trunks'] as const).map((path) => ['network', `/v2.0/${path}`, path.replaceAll('-', '_')] as const),
  ...(['loadbalancers', 'listeners', 'pools', 'healthmonitors'] as const).map((path) => ['load-balancer', `/v2.0/lbaas/${path}`, path] as const),
  ['volumev3', '/volumes/detail', 'volumes'], ['volumev3', '/snapshots/detail', 'snapshots'],
];

export interface Listed {
  readonly kind: string;
  readonly id: string;
  /** Name, description and owner in one text: what belongs to a cluster says so in one of them. */
  readonly text: string;
}

/** Of a running sandbox. Services and collections that this cloud has not are left out; shared networks are not the tenant's. */
export async function cloudListing(state: string): Promise<Listed[]> {
  const session = new Session({ cloud: parseClouds(await readFile(localCloudsFile(state), 'utf8'), cloudName), userAgent: 'keelson-test' });
  try {
    const project = await session.projectId();
    const listed: Listed[] = [];
    for (const [service, path, name] of collections) {
      for (const item of await listOrNothing(session, service, { path, name })) {
        const { project_id: owner = project } = item as { project_id?: string };
        if (owner === project) listed.push({ kind: name, id: item.id, text: [item.name, item.description, item.device_id].filter(Boolean).join(' ') });
      }
    }
    return listed;
  } finally {
    session.close();
  }
}

async function listOrNothing(session: Session, service: ServiceType, collection: { path: string; name: string }): Promise<Resource[]> {
  const reached = await session.exchange(service, 'GET', collection.path).catch(() => undefined);
  if (!reached || reached.status === 404) return [];
  const items = (await listAll(session, service, collection)) as Record<string, unknown>[];
  return items.map((item) => ('keypair' in item ? { id: (item['keypair'] as { name: string }).name, ...(item['keypair'] as object) } : item) as unknown as Resource);
}

/** What belongs to a cluster: what says its name or its ownership tag, and what says the id of something that does (ports of its router). */
export function belongingTo({ name, tag }: { readonly name: string; readonly tag: string }, listing: readonly Listed[]): Listed[] {
  const named = listing.filter(({ text }) => text.includes(tag) || new RegExp(`\\b${name}\\b`).test(text));
  return listing.filter((one) => named.includes(one) || named.some(({ id }) => one.text.includes(id)));
}

/** Two things of one kind and name: something was made twice. Ports of the cloud's own have no names. */
export function doubled(listing: readonly Listed[]): string[] {
  const seen = new Map<string, number>();
  for (const { kind, text } of listing) if (text && ['servers', 'networks', 'routers', 'loadbalancers', 'security_groups'].includes(kind)) seen.set(`${kind} ${text}`, (seen.get(`${kind} ${text}`) ?? 0) + 1);
  return [...seen].filter(([, count]) => count > 1).map(([what, count]) => `${count} × ${what}`);
}
