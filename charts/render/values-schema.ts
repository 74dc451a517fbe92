/**
 * values.schema.json of a chart: draft-07 (what Helm validates with), closed, so that a misspelt key fails
 * `helm install` instead of being ignored.
 */
import { z } from 'zod';
import { plainSchema, type JsonSchema } from './json-schema.ts';

/** Helm adds this key to the values of every subchart; a closed schema must let it through. */
const globalValues: JsonSchema = { type: 'object', description: 'Values shared by all charts of a release; ours do not need any.' };

/** The schema as Helm reads it. Objects are closed unless their Zod schema is loose or a record. */
export function valuesSchema(values: z.ZodObject): JsonSchema {
  const schema = close(plainSchema(values));
  return { ...schema, properties: { ...(schema.properties ?? {}), global: schema.properties?.['global'] ?? globalValues } };
}

function close(schema: JsonSchema): JsonSchema {
  const closed: JsonSchema = { ...schema };
  if (schema.properties) {
    closed.properties = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, close(value)]));
    closed.additionalProperties ??= false;
  }
  if (typeof schema.additionalProperties === 'object') closed.additionalProperties = close(schema.additionalProperties);
  if (schema.items) closed.items = close(schema.items);
  for (const union of ['anyOf', 'oneOf'] as const) {
    const branches = schema[union];
    if (branches) closed[union] = branches.map(close);
  }
  return closed;
}
