/**
 * What a call to a cloud looked like, in a form that two clouds can share: ids, times, names and drawn addresses are replaced by what they are,
 * lists of objects are put in order. What is left must be the same everywhere.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One call of a case. */
export interface Step {
  readonly step: string;
  /** Method and path pattern, for people. */
  readonly request: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** States something went through, in order, without repetitions. */
export interface Sequence {
  readonly step: string;
  readonly sequence: readonly string[];
}

export interface Observation {
  readonly case: string;
  readonly steps: readonly (Step | Sequence)[];
}

/** Response headers that clients read. */
const readHeaders = ['content-type', 'openstack-api-version', 'x-openstack-nova-api-version', 'vary', 'location', 'www-authenticate', 'x-subject-token', 'x-openstack-request-id'];

/** Keys whose value is drawn by the cloud, wherever they are. */
const drawnNumbers = new Set(['revision_number', 'standard_attr_id', 'provider:segmentation_id', 'id', 'ram', 'disk', 'vcpus', 'size', 'virtual_size']);
const drawnText = new Set(['auth_key', 'hostId', 'adminPass', 'secret', 'fingerprint', 'private_key', 'audit_ids', 'OS-EXT-SRV-ATTR:instance_name', 'OS-EXT-SRV-ATTR:reservation_id', 'created', 'updated', 'checksum', 'os_hash_value']);

export interface Normalizer {
  /** Prefix of all names of this run. */
  readonly prefix: string;
  /** Words of this cloud and what they stand for: flavor, image and zone names, project and user names. */
  readonly words: ReadonlyMap<string, string>;
  /** Addresses the cloud chose: these differ from run to run. Those a case asked for do not. */
  readonly drawn: ReadonlySet<string>;
}

export function normalizeHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>, n: Normalizer): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of readHeaders) {
    const value = headers[name];
    if (typeof value !== 'string') continue;
    if (name === 'x-subject-token') kept[name] = '<token>';
    else kept[name] = name === 'content-type' ? (value.split(';')[0] ?? '') : normalizeText(value, n);
  }
  return kept;
}

/** @param key the name this value has in its object, if any */
export function normalize(value: unknown, n: Normalizer, key = ''): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return drawnNumbers.has(key) ? '<number>' : value;
  if (typeof value === 'string') return normalizeString(value, n, key);
  if (Array.isArray(value)) return normalizeList(value, n, key);
  return Object.fromEntries(Object.entries(beingMade(value as object))
    .map(([name, item]) => [normalizeText(name, n), normalize(item, n, name)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Octavia answers once its worker has the order, which says NO_MONITOR or OFFLINE of a new object whenever it comes to it: either may stand in the answer. */
function beingMade(object: { readonly provisioning_status?: unknown; readonly operating_status?: unknown }): object {
  const { provisioning_status: provisioning, operating_status: operating } = object;
  return provisioning === 'PENDING_CREATE' && (operating === 'NO_MONITOR' || operating === 'OFFLINE') ? { ...object, operating_status: '<not known yet>' } : object;
}

function normalizeList(list: readonly unknown[], n: Normalizer, key: string): Json {
  const items = list.map((item) => normalize(item, n, key));
  const areObjects = items.every((item) => typeof item === 'object');
  return areObjects ? [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
}

function normalizeString(text: string, n: Normalizer, key: string): Json {
  if (drawnText.has(key) && text !== '') return `<${key}>`;
  return normalizeText(text, n);
}

const patterns: readonly (readonly [RegExp, string])[] = [
  [/https?:\/\/[\w.:[\]-]+/g, '<url>'],
  [/req-[0-9a-f-]{36}/g, '<request id>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b[0-9a-f]{32}\b/g, '<id>'],
  [/\b[0-9a-f]{56}\b/g, '<hash>'],
  // Neutron names a callback after the address of its object.
  [/(?<=\w)-\d{4,}(?= failed with)/g, '-<number>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{6}Z?/g, '<time with microseconds>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time Z>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\b/g, '<time>'],
  [/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>'],
];

export function normalizeText(text: string, n: Normalizer): string {
  let shown = text.replaceAll(n.prefix, '<prefix>');
  for (const [word, meaning] of n.words) shown = shown.replace(wholeWord(word), meaning);
  for (const [pattern, replacement] of patterns) shown = shown.replace(pattern, replacement);
  for (const address of n.drawn) shown = shown.replace(wholeWord(address), '<ip>');
  return shown.replace(unordered, (_, lead: string, list: string) => `${lead}${list.split(', ').sort().join(', ')}`);
}

/** Lists that Python takes from a set: their order changes with every start of a service. */
const unordered = /(one of: |Supported types: )([\w, -]+)$/;

/** A word on its own, not part of another one: `lab`, but not the one in `available`. */
function wholeWord(word: string): RegExp {
  return new RegExp(`(?<![\\w.-])${word.replace(/[.+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'g');
}

/** Addresses in a reply. */
export function addressesIn(text: string): string[] {
  return text.match(/(?<![\w.])\d{1,3}(\.\d{1,3}){3}(?![\w.]|\/\d)/g) ?? [];
}
