/** Cinder's lists: filters, pages, the next link. */
import { badRequest, notFound } from '../errors.ts';
import { asRecord, type JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';
import { microversion } from './microversion.ts';

/** Cinder's `osapi_max_limit`. */
const maxLimit = 1000;
const controls = new Set(['limit', 'marker', 'offset', 'sort', 'sort_key', 'sort_dir', 'all_tenants', 'with_count', 'project_id', 'fields']);

export interface Listing<T> {
  /** As in bodies: `volumes`. */
  readonly collection: string;
  /** For the refusal of a marker that is not there: `Volume`. */
  readonly kind: string;
  /** The filters there are, by name. */
  readonly filters: Readonly<Record<string, (record: T) => unknown>>;
}

/** Newest first. @throws ApiError 400 for a filter there is none (since 3.34) or a bad limit, 404 for an unknown marker */
export function listed<T extends { readonly id: string }>(records: readonly T[], request: ApiRequest, o: Listing<T>): { page: T[]; rest: JsonObject } {
  const { query } = request;
  const names = [...new Set(query.keys())].filter((name) => !controls.has(name));
  const unknown = names.filter((name) => !(name in o.filters));
  const minor = microversion(request.headers);
  if (unknown.length > 0 && minor >= 34) throw badRequest(`Invalid filters ${unknown.join(', ')} are found in query options.`);
  const found = [...records].reverse().filter((record) => names.every((name) => matches(o.filters[name]?.(record), query.get(name) ?? '')));
  const limit = limitOf(query.get('limit'));
  const marker = query.get('marker');
  const at = marker === null ? -1 : found.findIndex((record) => record.id === marker);
  if (marker !== null && at < 0) throw notFound(`${o.kind}NotFound`, `${o.kind} ${marker} could not be found.`);
  const page = found.slice(at + 1, at + 1 + limit);
  const last = page.at(-1);
  const hasNext = query.has('limit') && last !== undefined && page.length === limit;
  const next = new URLSearchParams(query);
  if (hasNext) next.set('marker', last.id);
  return { page, rest: {
    ...(hasNext ? { [`${o.collection}_links`]: [{ rel: 'next', href: `${request.baseUrl}${request.path}?${next.toString()}` }] } : {}),
    ...(query.get('with_count') === 'true' && minor >= 45 ? { count: found.length } : {}),
  } };
}

function limitOf(text: string | null): number {
  if (text === null) return maxLimit;
  if (!/^-?\d+$/.test(text)) throw badRequest('limit param must be an integer');
  if (Number(text) < 0) throw badRequest('limit param must be positive');
  return Math.min(Number(text), maxLimit);
}

/** Metadata is asked for as a Python dictionary: `{'key': 'value'}`. */
function matches(have: unknown, wanted: string): boolean {
  if (have === undefined) return true;
  if (typeof have !== 'object' || have === null) return String(have).toLowerCase() === wanted.toLowerCase() && (typeof have !== 'string' || have === wanted);
  return Object.entries(dictionaryOf(wanted)).every(([key, value]) => Reflect.get(have, key) === value);
}

function dictionaryOf(text: string): JsonObject {
  try {
    return asRecord(JSON.parse(text.replaceAll("'", '"')));
  } catch {
    throw badRequest(`Filter "metadata" contains invalid value.`);
  }
}
