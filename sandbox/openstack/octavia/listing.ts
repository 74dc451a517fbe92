/** Lists as Octavia gives them: filters, tags, pages, and an empty list of links when all is there. */
import type { JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';
import { listBody } from '../neutron/listing.ts';

export function octaviaList(collection: string, items: readonly JsonObject[], request: ApiRequest): JsonObject {
  return { [`${collection}_links`]: [], ...listBody(collection, items, request) };
}
