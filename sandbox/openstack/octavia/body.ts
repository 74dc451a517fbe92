/** Reads Octavia's request bodies: defaults, types, and the wording of its refusals (WSME's). */
import { badRequest } from '../errors.ts';
import { asRecord, isRecord, type JsonObject } from '../http/json.ts';
import type { ApiRequest } from '../http/service.ts';

export class OctaviaBody {
  readonly sent: JsonObject;

  constructor(sent: JsonObject) {
    this.sent = sent;
  }

  has(name: string): boolean {
    return this.sent[name] !== undefined;
  }

  /** @throws ApiError 400 */
  text(name: string, fallback = ''): string {
    const value = this.sent[name];
    if (value === undefined || value === null) return fallback;
    if (typeof value !== 'string') throw wrongType(name, value, 'string');
    return value;
  }

  textOrNull(name: string): string | null {
    const value = this.sent[name];
    return value === undefined || value === null ? null : this.text(name);
  }

  required(name: string): string {
    if (this.sent[name] === undefined || this.sent[name] === null) throw missing(name);
    return this.text(name);
  }

  oneOf(name: string, allowed: readonly string[]): string {
    const value = this.required(name);
    if (!allowed.includes(value)) throw badRequest(`Invalid input for field/attribute ${name}. Value: '${value}'. Value should be one of: ${allowed.join(', ')}`);
    return value;
  }

  number(name: string, range: { min: number; max: number; fallback?: number }): number {
    const value = this.sent[name];
    if (value === undefined || value === null) {
      if (range.fallback === undefined) throw missing(name);
      return range.fallback;
    }
    const number = Number(value);
    if (!Number.isInteger(number)) throw wrongType(name, value, 'int');
    if (number < range.min) throw badRequest(`Invalid input for field/attribute ${name}. Value: '${number}'. Value should be greater or equal to ${range.min}`);
    if (number > range.max) throw badRequest(`Invalid input for field/attribute ${name}. Value: '${number}'. Value should be lower or equal to ${range.max}`);
    return number;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.sent[name];
    if (value === undefined || value === null) return fallback;
    if (typeof value !== 'boolean') throw wrongType(name, value, 'bool');
    return value;
  }

  strings(name: string): string[] | null {
    const value = this.sent[name];
    if (value === undefined || value === null) return null;
    if (!Array.isArray(value)) throw wrongType(name, value, 'list');
    return value.map(String);
  }

  tags(): string[] {
    return [...new Set(this.strings('tags') ?? [])].sort();
  }
}

/** What a request's object is called, how Octavia's code calls the argument, and what it may hold. */
export interface BodyShape {
  readonly key: string;
  readonly argument: string;
  readonly attributes: readonly string[];
}

/** The object a request carries. @throws ApiError 400 when it is not there or holds something unknown */
export function bodyOf(request: ApiRequest, shape: BodyShape): OctaviaBody {
  const sent = asRecord(request.body)[shape.key];
  if (!isRecord(sent)) throw missing(shape.key);
  const unknown = Object.keys(sent).find((name) => !shape.attributes.includes(name));
  if (unknown !== undefined) throw badRequest(`Unknown attribute for argument ${shape.argument}.${shape.key}: ${unknown}`);
  return new OctaviaBody(sent);
}

function missing(name: string): Error {
  return badRequest(`Invalid input for field/attribute ${name}. Value: 'None'. Mandatory field missing.`);
}

function wrongType(name: string, value: unknown, type: string): Error {
  return badRequest(`Invalid input for field/attribute ${name}. Value: '${String(value)}'. Value should be ${type}`);
}
