/**
 * What a request body of a Neutron resource may hold, as data: which attributes, when, with which default, and the check each value must pass.
 * Follows neutron-lib's attribute maps and the wording of its refusals (`neutron_lib/api/attributes.py`, `validators`).
 */
import { ApiError, badRequest, forbidden } from '../errors.ts';
import { isRecord, type JsonObject } from '../http/json.ts';
import { parseAddress, parseCidr } from './addresses.ts';

/** Turns what was sent into what is kept. @throws string the reason for the refusal, as Neutron words it. */
export type Check = (value: unknown) => unknown;

export interface Attribute {
  readonly check: Check;
  /** May be sent with POST (`c`), with PUT (`u`), or both. */
  readonly on: 'c' | 'u' | 'cu';
  readonly isRequired?: true;
  /** Only administrators may send it. */
  readonly isAdminOnly?: true;
}

export type AttributeMap = Readonly<Record<string, Attribute>>;

/** The refusal a check throws. */
export class Invalid extends Error {}

/** As Invalid, for values that Neutron refuses when it converts them, without naming the attribute. */
export class InvalidOperation extends Error {}

/** As Invalid, where the message is all that is said. */
export class InvalidWhole extends Error {}

/** What policy says to those who may not. */
export function disallowed(verb: 'create' | 'get' | 'update' | 'delete', resource: string, attribute?: string): ApiError {
  const rule = `rule:${verb}_${resource}`;
  return forbidden(`${attribute === undefined ? rule : `(${rule} and ${rule}:${attribute})`} is disallowed by policy`, 'PolicyNotAuthorized');
}

/** @returns the checked attributes that were sent. @throws ApiError 400 with Neutron's wording, 403 for an administrator's attribute. */
export function readAttributes(of: { readonly attributes: AttributeMap; readonly singular: string }, sent: JsonObject, verb: 'POST' | 'PUT', isAdmin: boolean): JsonObject {
  const { attributes: map, singular: resource } = of;
  const unknown = Object.keys(sent).filter((name) => !(name in map));
  if (unknown.length > 0) throw new ApiError(400, 'HTTPBadRequest', `Unrecognized attribute(s) '${unknown.join(', ')}'`);
  if (verb === 'POST') {
    for (const [name, attribute] of Object.entries(map)) {
      if (attribute.isRequired && sent[name] === undefined) {
        throw new ApiError(400, 'HTTPBadRequest', `Failed to parse request. Required attribute '${name}' not specified`);
      }
    }
  }
  const read: JsonObject = {};
  for (const [name, value] of Object.entries(sent)) {
    const attribute = map[name];
    if (!attribute) continue;
    if (!attribute.on.includes(verb === 'POST' ? 'c' : 'u')) {
      throw new ApiError(400, 'HTTPBadRequest', verb === 'POST' ? `Attribute '${name}' not allowed in POST` : `Cannot update read-only attribute ${name}`);
    }
    if (attribute.isAdminOnly && !isAdmin) throw disallowed(verb === 'POST' ? 'create' : 'update', resource, name);
    read[name] = checked(name, attribute.check, value);
  }
  return read;
}

function checked(name: string, check: Check, value: unknown): unknown {
  try {
    return check(value);
  } catch (error) {
    if (error instanceof InvalidOperation) throw badRequest(`Invalid input for operation: ${error.message}.`, 'InvalidInput');
    if (error instanceof InvalidWhole) throw badRequest(error.message, 'HTTPBadRequest');
    if (!(error instanceof Invalid)) throw error;
    throw badRequest(`Invalid input for ${name}. Reason: ${error.message}.`, 'HTTPBadRequest');
  }
}

/** How Neutron's messages write a value: Python's repr. */
export function repr(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map(repr).join(', ')}]`;
  if (isRecord(value)) return `{${Object.entries(value).map(([k, v]) => `${repr(k)}: ${repr(v)}`).join(', ')}}`;
  return String(value);
}

export const anyText = (max: number): Check => (value) => {
  if (typeof value !== 'string') throw new Invalid(`'${repr(value).replace(/^'|'$/g, '')}' is not a valid string`);
  if (value.length > max) throw new Invalid(`'${value}' exceeds maximum length of ${max}`);
  return value;
};

export const textOrNull = (max: number): Check => (value) => (value === null ? null : anyText(max)(value));

export const flag: Check = (value) => {
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'True' || value === 1) return true;
  if (value === 'false' || value === 'False' || value === 0) return false;
  throw new InvalidOperation(`${repr(value)} cannot be converted to boolean`);
};

const uuidPattern = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuidPattern.test(value);
}

export const uuidText: Check = (value) => {
  if (!isUuid(value)) throw new Invalid(`${repr(value)} is not a valid UUID`);
  return value;
};

export const uuidOrNull: Check = (value) => (value === null ? null : uuidText(value));

export const address: Check = (value) => {
  if (typeof value !== 'string' || !parseAddress(value)) throw new Invalid(`${repr(value)} is not a valid IP address`);
  return value;
};

export const addressOrNull: Check = (value) => (value === null ? null : address(value));

/** A range in a list of routes. */
export const cidr: Check = (value) => {
  if (typeof value !== 'string' || !value.includes('/') || !parseCidr(value)) throw new Invalid(`${repr(value)} is not a valid CIDR`);
  return value;
};

export const integer: Check = (value) => {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw new Invalid(`${repr(value)} is not an integer`);
  return number;
};

export const oneOf = (...allowed: readonly unknown[]): Check => (value) => {
  if (!allowed.includes(value)) throw new Invalid(`${String(value)} is not in valid_values`);
  return value;
};

export const listOf = (check: Check): Check => (value) => {
  if (!Array.isArray(value)) throw new Invalid(`${repr(value)} is not a list`);
  return value.map((item) => check(item));
};

export const macAddress: Check = (value) => {
  if (typeof value !== 'string' || !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(value)) throw new Invalid(`${repr(value)} is not a valid MAC address`);
  return value.toLowerCase();
};

/** An object with these attributes and no others. */
export const objectWith = (fields: Readonly<Record<string, Check>>, required: readonly string[] = []): Check => (value) => {
  if (!isRecord(value)) throw new Invalid(`${repr(value)} is not a dictionary`);
  const missing = required.filter((name) => value[name] === undefined);
  if (missing.length > 0) throw new Invalid(`Validation of dictionary's keys failed. Expected keys: ${repr(required)} Provided keys: ${repr(Object.keys(value))}`);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => {
    const check = fields[name];
    if (!check) throw new Invalid(`Unexpected keys supplied: ${name}`);
    return [name, check(item)];
  }));
};

export const anything: Check = (value) => value;
