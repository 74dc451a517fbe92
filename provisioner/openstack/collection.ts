/** Lists over all pages: Nova, Neutron and Octavia link the next page in `<name>_links`, Glance in `next`, Keystone in `links.next`. */
import { z } from 'zod';
import { CloudError } from './errors.ts';
import type { CallOptions, ServiceType, Session } from './session.ts';

const maxPages = 1000;

/** Every item of a collection, as the service sends it. @throws CloudError */
export async function listAll(session: Session, service: ServiceType, collection: { path: string; name: string }, options: CallOptions = {}): Promise<unknown[]> {
  const items: unknown[] = [];
  let path = collection.path;
  let query = options.query;
  for (let page = 0; page < maxPages; page += 1) {
    const body = await session.call(service, 'GET', path, { ...options, ...(query ? { query } : { query: {} }) });
    const parsed = z.looseObject({ [collection.name]: z.array(z.unknown()) }).safeParse(body);
    if (!parsed.success) throw new CloudError('CLOUD_FAILED', `GET ${path} (${service}): the answer has no list "${collection.name}"`);
    items.push(...(parsed.data[collection.name] as unknown[]));
    const next = nextPage(parsed.data, collection.name);
    if (next === undefined) return items;
    // The link is absolute and may name another host (a proxy in front): only its query is followed.
    path = collection.path;
    query = queryOf(new URL(next, 'http://cloud').searchParams);
  }
  throw new CloudError('CLOUD_FAILED', `GET ${collection.path} (${service}): more than ${maxPages} pages`);
}

function nextPage(body: Record<string, unknown>, name: string): string | undefined {
  const links = z.array(z.object({ rel: z.string(), href: z.string() })).safeParse(body[`${name}_links`]);
  const link = links.success ? links.data.find((l) => l.rel === 'next')?.href : undefined;
  if (link !== undefined) return link;
  if (typeof body['next'] === 'string') return body['next'];
  const keystone = z.object({ next: z.string() }).safeParse(body['links']);
  return keystone.success ? keystone.data.next : undefined;
}

/** A parameter that is named twice keeps all its values. */
function queryOf(params: URLSearchParams): Record<string, string | readonly string[]> {
  return Object.fromEntries([...new Set(params.keys())].map((name) => [name, params.getAll(name)]));
}
