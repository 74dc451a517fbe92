/** Nova's pages: limit, marker, and a link to the next page. */
import { badRequest } from '../errors.ts';
import type { JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';

/** Nova's `max_limit`. */
const maxLimit = 1000;

/** @throws ApiError 400 for a limit that is no number or a marker that is not there. */
export function pageOf(collection: string, items: readonly { readonly id: string }[], request: ApiRequest): JsonObject {
  const text = request.query.get('limit');
  const limit = Math.min(text === null ? maxLimit : Number(text), maxLimit);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`Invalid input for query parameters limit. Value: ${text ?? ''}. '${text ?? ''}' does not match '^[0-9]*$'`);
  const marker = request.query.get('marker');
  const at = marker === null ? -1 : items.findIndex((item) => item.id === marker);
  if (marker !== null && at < 0) throw badRequest(`marker [${marker}] not found`);
  const page = items.slice(at + 1, at + 1 + limit);
  const last = page.at(-1);
  if (limit === 0 || page.length < limit || !last) return { [collection]: page };
  const query = new URLSearchParams(request.query);
  query.set('marker', last.id);
  return { [collection]: page, [`${collection}_links`]: [{ rel: 'next', href: `${request.baseUrl}${request.path}?${query.toString()}` }] };
}
