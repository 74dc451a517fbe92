/** Checks of request bodies, in the words of Cinder's JSON schemas (`cinder/api/validation`). */
import { badRequest } from '../errors.ts';
import { isRecord, type JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';
import { repr } from '../neutron/attributes.ts';

/** The object under `key` of the body. @throws ApiError 400 */
export function sentObject(request: ApiRequest, key: string): JsonObject {
  const sent = isRecord(request.body) ? request.body[key] : undefined;
  if (!isRecord(sent)) throw badRequest(`'${key}' is a required property`);
  return sent;
}

/** @throws ApiError 400 naming the attribute that is missing */
export function needs(sent: JsonObject, key: string, name: string): void {
  if (sent[name] === undefined) throw invalid(key, sent, `'${name}' is a required property`);
}

/** A size in GiB. @throws ApiError 400 */
export function sizeOf(name: string, value: unknown): number {
  if (typeof value === 'string' && !/^\d+$/.test(value)) throw invalid(name, value, `'${value}' does not match '^[0-9]+$'`);
  const size = typeof value === 'string' ? Number(value) : value;
  if (typeof size !== 'number' || !Number.isInteger(size)) throw invalid(name, value, `${repr(value)} is not of type 'integer', 'string'`);
  if (size < 1) throw invalid(name, value, `${size} is less than the minimum of 1`);
  return size;
}

/** Text of at most 255 characters, or nothing. @throws ApiError 400 */
export function textOf(name: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(name, value, `${repr(value)} is not of type 'string', 'null'`);
  if (value.length > 255) throw badRequest(`Invalid input received: ${name} has ${value.length} characters, more than 255.`);
  return value;
}

/** Text by key. @throws ApiError 400 */
export function metadataOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw invalid('metadata', value, `${repr(value)} is not of type 'object'`);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => {
    if (typeof item !== 'string') throw invalid(key, item, `${repr(item)} is not of type 'string'`);
    return [key, item];
  }));
}

function invalid(name: string, value: unknown, why: string): Error {
  return badRequest(`Invalid input for field/attribute ${name}. Value: ${typeof value === 'string' ? value : repr(value)}. ${why}`);
}
