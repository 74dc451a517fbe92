/** Lists as Neutron gives them: filters, tags, sorting, pages and fields (`neutron/api/api_common.py`, `neutron/db/standardattrdescription_db.py`). */
import { badRequest } from '../errors.ts';
import { isRecord, type JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';
import { hasTags } from './tag-filter.ts';

/** Query parameters that are not filters. */
const controls = new Set(['limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir', 'fields', 'tags', 'tags-any', 'not-tags', 'not-tags-any']);

/** @param items as they are shown, oldest first. @returns the answer's body: the page under `collection`, links when there is more. */
export function listBody(collection: string, items: readonly JsonObject[], request: ApiRequest): JsonObject {
  const { query } = request;
  const wanted = items.filter((item) => matches(item, query) && hasTags(item['tags'], query));
  const sorted = sort(wanted, query);
  const { page, hasMore, hasBefore } = paginate(sorted, query);
  const fields = query.getAll('fields');
  const shown = fields.length === 0 ? page : page.map((item) => only(item, fields));
  const links = [
    ...(hasMore ? [{ rel: 'next', href: pageLink(request, page.at(-1)) }] : []),
    ...(hasBefore && page[0] ? [{ rel: 'previous', href: pageLink(request, page[0], true) }] : []),
  ];
  return { [collection]: shown, ...(links.length > 0 ? { [`${collection}_links`]: links } : {}) };
}

/** Keeps only the named attributes; names that do not exist are ignored. */
export function only(item: JsonObject, fields: readonly string[]): JsonObject {
  return fields.length === 0 ? item : Object.fromEntries(Object.entries(item).filter(([name]) => fields.includes(name)));
}

/** Every filter must hold; a filter named twice holds when one of its values does. */
function matches(item: JsonObject, query: URLSearchParams): boolean {
  return [...new Set(query.keys())].filter((name) => !controls.has(name)).every((name) => {
    const values = query.getAll(name);
    if (name === 'fixed_ips') return values.every((value) => hasFixedIp(item['fixed_ips'], value));
    if (name === 'security_groups' || name === 'subnets') return listHolds(item[name], values);
    return values.some((value) => isEqual(item[name === 'tenant_id' ? 'project_id' : name], value));
  });
}

function listHolds(list: unknown, values: readonly string[]): boolean {
  return Array.isArray(list) && values.some((value) => list.includes(value));
}

/** `fixed_ips=ip_address=10.0.0.5` or `subnet_id=…`; `ip_address_substr` holds for a part. */
function hasFixedIp(list: unknown, filter: string): boolean {
  const [key = '', value = ''] = filter.split('=');
  return Array.isArray(list) && list.filter(isRecord).some((ip) => (
    key === 'ip_address_substr' ? String(ip['ip_address']).includes(value) : ip[key] === value));
}

function isEqual(have: unknown, value: string): boolean {
  if (typeof have === 'boolean') return have === (value.toLowerCase() === 'true' || value === '1');
  if (have === null || have === undefined) return value === '' || value === 'None' || value === 'null';
  if (typeof have === 'string' || typeof have === 'number') return String(have) === value;
  return false;
}

function sort(items: readonly JsonObject[], query: URLSearchParams): JsonObject[] {
  const keys = query.getAll('sort_key');
  const directions = query.getAll('sort_dir');
  if (directions.some((direction) => direction !== 'asc' && direction !== 'desc')) {
    throw badRequest(`The value of sort_dir '${directions.join(', ')}' is invalid. Valid values are: asc, desc`, 'HTTPBadRequest');
  }
  // With pages Neutron sorts by id last, so that a marker has one place.
  const order = [...keys, ...(query.has('limit') && !keys.includes('id') ? ['id'] : [])];
  if (order.length === 0) return [...items];
  return [...items].sort((a, b) => {
    for (const [i, key] of order.entries()) {
      const way = directions[i] === 'desc' ? -1 : 1;
      const compared = compare(a[key], b[key]);
      if (compared !== 0) return compared * way;
    }
    return 0;
  });
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [String(a ?? ''), String(b ?? '')];
  return left < right ? -1 : left > right ? 1 : 0;
}

function paginate(items: readonly JsonObject[], query: URLSearchParams): { page: JsonObject[]; hasMore: boolean; hasBefore: boolean } {
  const limit = limitOf(query);
  const marker = query.get('marker');
  const isReverse = query.get('page_reverse')?.toLowerCase() === 'true';
  const ordered = isReverse ? [...items].reverse() : items;
  const after = marker === null ? 0 : ordered.findIndex((item) => item['id'] === marker) + 1;
  const rest = ordered.slice(after);
  const page = limit === undefined ? rest : rest.slice(0, limit);
  const isFull = limit !== undefined && page.length === limit;
  const shown = isReverse ? [...page].reverse() : page;
  return { page: [...shown], hasMore: isReverse ? marker !== null : isFull, hasBefore: isReverse ? isFull : marker !== null };
}

function limitOf(query: URLSearchParams): number | undefined {
  const text = query.get('limit');
  if (text === null || text === '') return undefined;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`Invalid input for operation: Limit must be an integer 0 or greater and not '${text}'.`, 'BadRequest');
  return limit === 0 ? undefined : limit;
}

function pageLink(request: ApiRequest, marker: JsonObject | undefined, isReverse = false): string {
  const query = new URLSearchParams(request.query);
  query.set('marker', String(marker?.['id'] ?? ''));
  query.delete('page_reverse');
  if (isReverse) query.set('page_reverse', 'True');
  return `${request.baseUrl}${request.path}?${query.toString()}`;
}
