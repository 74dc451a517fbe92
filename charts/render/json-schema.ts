/** The part of JSON Schema that Zod writes and our renderers read. */
import { z } from 'zod';

export interface JsonSchema {
  $schema?: string;
  type?: string | string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  pattern?: string;
  [keyword: string]: unknown;
}

/** Draft-07 as a user writes values (defaults optional), without the bounds of JavaScript integers that Zod adds to every integer. */
export function plainSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  }) as JsonSchema;
}

/** A type as a reader says it: "integer", "list of string", "map of string", "a | b". */
export function typeName(schema: JsonSchema): string {
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return [...new Set(union.map(typeName))].join(' or ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === 'array') return schema.items && Object.keys(schema.items).length ? `list of ${typeName(schema.items)}` : 'list';
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object' && Object.keys(schema.additionalProperties).length) {
    return `map of ${typeName(schema.additionalProperties)}`;
  }
  return Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any');
}
