/** The variables as Cluster API wants them (`ClusterClassVariable`), and values of a request as typed objects. */
import type { z } from 'zod';
import { ApiError } from './errors.ts';
import { structural, type StructuralSchema } from './openapi.ts';
import { variables, type Variables, type VariableSchemas } from './variables/index.ts';

export interface VariableDefinition {
  readonly name: string;
  readonly required: boolean;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
}

/** In a fixed order: Cluster API compares definitions, and the corpus compares bytes. */
export function variableDefinitions(schemas: VariableSchemas = variables): VariableDefinition[] {
  return Object.entries(schemas).map(([name, schema]) => ({
    name,
    required: !schema.safeParse(undefined).success,
    schema: { openAPIV3Schema: structural(schema) },
  }));
}

/**
 * Values with their defaults. Admission has checked them already, so a failure means that class and extension differ.
 * @throws ApiError VARIABLE_INVALID naming the field
 */
export const parseVariables = (values: Readonly<Record<string, unknown>>): Variables => variableReader()(values);

/** The same for many sets that share values: what was read once is not read again. A value is known by its identity. */
export function variableReader(schemas: VariableSchemas = variables): (values: Readonly<Record<string, unknown>>) => Variables {
  const known = new Map<string, { readonly value: unknown; readonly parsed: unknown }>();
  const read = (name: string, schema: z.ZodType, value: unknown): unknown => {
    const before = known.get(name);
    if (before && before.value === value) return before.parsed;
    const parsed = schema.safeParse(value);
    if (!parsed.success) throw invalid(name, parsed.error);
    if (!before) known.set(name, { value, parsed: parsed.data });
    return parsed.data;
  };
  return (values) => Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, read(name, schema, values[name])])) as Variables;
}

function invalid(name: string, error: z.ZodError): ApiError {
  const issues = error.issues.map((issue) => `${[name, ...issue.path].join('.')}: ${issue.message}`).join('; ');
  return new ApiError('VARIABLE_INVALID', `spec.topology.variables: ${issues}`, { cause: error });
}
