/**
 * Zod → structural OpenAPI v3: the subset of JSON Schema that the API server takes in CRDs and Cluster API in
 * variables. https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
import { z } from 'zod';
import { ApiError } from './errors.ts';

/** A CEL rule; `self` is the value it stands on, `oldSelf` the value before an update. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
}

/** Metadata for `.meta(…)` that puts CEL rules on a schema. */
export const rules = (...list: readonly Rule[]): { 'x-kubernetes-validations': readonly Rule[] } => ({ 'x-kubernetes-validations': list });

/** By this text `immutableFields` finds the marked fields: plans and the admission policy are rendered from them. */
export const immutableRule = 'self == oldSelf';

/**
 * The immutable rule: what is set once stays.
 * @param rebuilds what a change would have to make anew, told to whoever tries
 */
export const immutable = (what: string, rebuilds?: string): Rule => ({
  rule: immutableRule,
  message: `${what} cannot be changed${rebuilds ? `: ${rebuilds} would have to be rebuilt; create a new Cluster and move to it` : ''}`,
  reason: 'FieldValueForbidden',
});

/** An object whose content is not ours to describe; the API server keeps all of it. */
export const opaque = (): z.ZodType<Record<string, unknown>> => z.record(z.string(), z.unknown()).meta({ 'x-kubernetes-preserve-unknown-fields': true });

/**
 * Held to `schema` and handed on as it was written, keys in their order: files of nodes are made of it, and other bytes would
 * be other machines.
 */
export const asWritten = <T>(schema: z.ZodType<T>): z.ZodType<T, T> =>
  z.unknown().superRefine((value, context) => {
    for (const { message, path } of schema.safeParse(value).error?.issues ?? []) context.addIssue({ code: 'custom', message, path: [...path] });
  }).meta(asJson(schema)) as z.ZodType<T, T>;

const asJson = (schema: z.ZodType): Record<string, unknown> => z.toJSONSchema(schema, { target: 'draft-7', io: 'input' }) as Record<string, unknown>;

export interface StructuralSchema {
  type?: string;
  properties?: Record<string, StructuralSchema>;
  items?: StructuralSchema;
  additionalProperties?: StructuralSchema;
  [keyword: string]: unknown;
}

/** Keywords that are copied as they are. */
const plain = new Set([
  'type', 'description', 'default', 'enum', 'pattern', 'format', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties',
  'minimum', 'maximum', 'required', 'x-kubernetes-validations', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-int-or-string',
  'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type',
]);
/** Keywords of JSON Schema without a meaning here. */
const dropped = new Set(['$schema', 'propertyNames', 'id', 'title']);

/** @throws ApiError SCHEMA_NOT_STRUCTURAL for unions, tuples and whatever else has no structural form; the message names the path. */
export function structural(schema: z.ZodType): StructuralSchema {
  return convert(asJson(schema), '');
}

function convert(json: Record<string, unknown>, path: string): StructuralSchema {
  const out: StructuralSchema = {};
  for (const [keyword, value] of Object.entries(json)) {
    if (dropped.has(keyword) || isIntegerBound(json, keyword, value)) continue;
    if (plain.has(keyword)) out[keyword] = value;
    else if (keyword === 'properties') out.properties = convertEach(value as Record<string, Record<string, unknown>>, path);
    else if (keyword === 'items') out.items = convert(value as Record<string, unknown>, `${path}[]`);
    else if (keyword === 'const') out['enum'] = [value];
    else if (keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum') Object.assign(out, exclusive(keyword, value));
    else if (keyword === 'additionalProperties') Object.assign(out, additional(value, path));
    else throw new ApiError('SCHEMA_NOT_STRUCTURAL', `schema at ${path || '.'} uses ${keyword}, which a structural schema cannot hold; say it with a CEL rule`);
  }
  if (!out.type && !out['x-kubernetes-preserve-unknown-fields'] && !out['x-kubernetes-int-or-string']) {
    throw new ApiError('SCHEMA_NOT_STRUCTURAL', `schema at ${path || '.'} has no type; give it one or use opaque()`);
  }
  if (out['x-kubernetes-preserve-unknown-fields']) delete out.additionalProperties;
  return withWholeDefault(out);
}

/**
 * The default of an object with the defaults of its fields. Without them a CEL rule over the object is evaluated on `{}`
 * when the schema is accepted, and fails for the fields it reads.
 */
function withWholeDefault(schema: StructuralSchema): StructuralSchema {
  const given = schema['default'];
  if (typeof given !== 'object' || given === null || Array.isArray(given) || !schema.properties) return schema;
  const own = Object.entries(schema.properties).filter(([, property]) => property['default'] !== undefined);
  return { ...schema, default: { ...Object.fromEntries(own.map(([name, property]) => [name, property['default']])), ...given } };
}

const convertEach = (properties: Record<string, Record<string, unknown>>, path: string): Record<string, StructuralSchema> =>
  Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, convert(property, path ? `${path}.${name}` : name)]));

/** Zod bounds every integer by what a JavaScript number holds exactly; that bound means nothing to a reader. */
const isIntegerBound = (json: Record<string, unknown>, keyword: string, value: unknown): boolean =>
  json['type'] === 'integer' && ((keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER) || (keyword === 'minimum' && value === Number.MIN_SAFE_INTEGER));

/** OpenAPI 3.0 has the number in minimum and a flag beside it; JSON Schema draft-07 has the number in exclusiveMinimum. */
const exclusive = (keyword: 'exclusiveMinimum' | 'exclusiveMaximum', value: unknown): Record<string, unknown> => ({
  [keyword === 'exclusiveMinimum' ? 'minimum' : 'maximum']: value,
  [keyword]: true,
});

/** false is forbidden beside properties (pruning does its work); a schema makes a map. */
function additional(value: unknown, path: string): StructuralSchema {
  if (typeof value !== 'object' || value === null) return {};
  return Object.keys(value).length ? { additionalProperties: convert(value as Record<string, unknown>, `${path}.*`) } : { 'x-kubernetes-preserve-unknown-fields': true };
}
