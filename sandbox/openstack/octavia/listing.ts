/** Lists as Octavia gives them: filters, tags, pages, and an empty list of links when all is there. */
import { badRequest } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';
import { listBody } from '../neutron/listing.ts';

/** What every collection may be filtered by, and what is no filter. */
const common = new Set([
  'id', 'name', 'description', 'project_id', 'tenant_id', 'admin_state_up', 'provisioning_status', 'operating_status', 'created_at', 'updated_at',
  'tags', 'tags-any', 'not-tags', 'not-tags-any', 'limit', 'marker', 'page_reverse', 'sort', 'fields',
]);

/** @param filters what this collection may be filtered by beside the common ones. @throws ApiError 400 */
export function octaviaList(collection: string, items: readonly JsonObject[], request: ApiRequest, filters: readonly string[] = []): JsonObject {
  const isKnown = [...request.query.keys()].every((name) => common.has(name) || filters.includes(name));
  if (!isKnown) throw badRequest('One or more arguments are either duplicate or invalid');
  return { [`${collection}_links`]: [], ...listBody({ plural: collection }, items, request) };
}
