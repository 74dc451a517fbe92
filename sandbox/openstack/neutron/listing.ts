/** Lists as Neutron gives them: filters, tags, sorting, pages and fields (`neutron/api/api_common.py`, `neutron/db/standardattrdescription_db.py`). */
import { badRequest, notFound } from '../errors.ts';
import type { AttributeMap } from './attributes.ts';
import { isRecord, type JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';
import { hasTags } from './tag-filter.ts';

/** Query parameters that are not filters. */
const controls = new Set(['limit', 'marker', 'page_reverse', 'sort_key', 'sort_dir', 'fields', 'tags', 'tags-any', 'not-tags', 'not-tags-any']);

/** What is listed. With attributes, a filter that names none of them is refused (extension filter-validation). */
export interface Listed {
  readonly plural: string;
  readonly attributes?: AttributeMap;
  /** For a marker that is not there. */
  readonly notFound?: { readonly code: string; readonly message: (id: string) => string };
}

/** @param items as they are shown, oldest first. @returns the answer's body: the page under `plural`, links when there is more. */
export function listBody(listed: Listed, items: readonly JsonObject[], request: ApiRequest): JsonObject {
  const { query } = request;
  const collection = listed.plural;
  checkFilters(listed, items, query);
  const wanted = items.filter((item) => matches(item, query) && hasTags(item['tags'], query));
  const sorted = sort(wanted, query);
  const page = paginate(sorted, query, listed);
  const fields = query.getAll('fields');
  const shown = fields.length === 0 ? page : page.map((item) => only(item, fields));
  const links = pageLinks(request, page);
  return { [collection]: shown, ...(links.length > 0 ? { [`${collection}_links`]: links } : {}) };
}

/** What can be filtered by beside what can be sent. */
const readOnly = new Set(['id', 'status', 'created_at', 'updated_at', 'revision_number', 'changed_since', 'router_id', 'shared', 'normalized_cidr', 'remote_group_id', 'ip_allocation']);

function checkFilters({ attributes }: Listed, items: readonly JsonObject[], query: URLSearchParams): void {
  if (!attributes) return;
  const bad = [...new Set(query.keys())].filter((name) => !controls.has(name) && !(name in attributes) && !readOnly.has(name) && !(items[0] && name in items[0]));
  if (bad.length > 0) throw badRequest(`[${bad.map((name) => `'${name}'`).join(', ')}] is invalid attribute for filtering`, 'HTTPBadRequest');
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
  if (keys.length !== directions.length) throw badRequest('The number of sort_keys and sort_dirs must be same', 'HTTPBadRequest');
  const bad = directions.filter((direction) => direction !== 'asc' && direction !== 'desc');
  if (bad.length > 0) throw badRequest(`[${bad.map((direction) => `'${direction}'`).join(', ')}] is invalid value for sort_dirs, valid value is 'asc' and 'desc'`, 'HTTPBadRequest');
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

function paginate(items: readonly JsonObject[], query: URLSearchParams, listed: Listed): JsonObject[] {
  const limit = limitOf(query);
  const marker = query.get('marker');
  const ordered = isReverse(query) ? [...items].reverse() : items;
  const at = marker === null ? -1 : ordered.findIndex((item) => item['id'] === marker);
  if (marker !== null && at < 0 && listed.notFound) throw notFound(listed.notFound.code, listed.notFound.message(marker));
  const page = limit === undefined ? ordered.slice(at + 1) : ordered.slice(at + 1, at + 1 + limit);
  return isReverse(query) ? page.reverse() : [...page];
}

function isReverse(query: URLSearchParams): boolean {
  return query.get('page_reverse')?.toLowerCase() === 'true';
}

/** Links in both directions, except in the one that a short page has just shown to be at its end. */
function pageLinks(request: ApiRequest, page: readonly JsonObject[]): JsonObject[] {
  const limit = limitOf(request.query);
  const [first, last] = [page[0], page.at(-1)];
  if (limit === undefined || !first) return [];
  const isShort = page.length < limit;
  const reverse = isReverse(request.query);
  return [
    ...(isShort && !reverse ? [] : [{ rel: 'next', href: pageLink(request, last) }]),
    ...(isShort && reverse ? [] : [{ rel: 'previous', href: pageLink(request, first, true) }]),
  ];
}

function limitOf(query: URLSearchParams): number | undefined {
  const text = query.get('limit');
  if (text === null || text === '') return undefined;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`Bad limit request: Limit must be an integer 0 or greater and not '${text}'.`, 'BadRequest');
  return limit === 0 ? undefined : limit;
}

function pageLink(request: ApiRequest, marker: JsonObject | undefined, isPrevious = false): string {
  const query = new URLSearchParams(request.query);
  query.set('marker', String(marker?.['id'] ?? ''));
  query.delete('page_reverse');
  if (isPrevious) query.set('page_reverse', 'True');
  return `${request.baseUrl}${request.path}?${query.toString()}`;
}
