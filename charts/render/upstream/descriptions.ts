/** CRDs without their descriptions: they are most of their size, and a Helm release must fit into a Secret of 1 MiB. */

/** One version of a CustomResourceDefinition, as far as it is read here. */
export interface Version {
  name: string;
  served: boolean;
  storage: boolean;
  schema: { openAPIV3Schema: Record<string, unknown> };
}

/** A schema validates the same without its descriptions. Inside `properties`, "description" is a field's name. */
export function withoutDescriptions(version: Version): Version {
  return { ...version, schema: { openAPIV3Schema: strip(version.schema.openAPIV3Schema) } };
}

function strip(schema: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description' && typeof value === 'string') continue;
    if (key === 'properties') out[key] = Object.fromEntries(Object.entries(value as Record<string, Record<string, unknown>>).map(([name, property]) => [name, strip(property)]));
    else if (Array.isArray(value) && ['allOf', 'anyOf', 'oneOf'].includes(key)) out[key] = (value as Record<string, unknown>[]).map(strip);
    else if ((key === 'items' || key === 'additionalProperties' || key === 'not') && typeof value === 'object' && value !== null) out[key] = strip(value as Record<string, unknown>);
    else out[key] = value;
  }
  return out;
}
