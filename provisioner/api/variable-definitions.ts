/** The variables as Cluster API wants them (`ClusterClassVariable`), and values of a request as typed objects. */
import { z } from 'zod';
import { ApiError } from './errors.ts';
import { structural, type StructuralSchema } from './openapi.ts';
import { variables, type Variables } from './variables.ts';

export interface VariableDefinition {
  readonly name: string;
  readonly required: boolean;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
}

/** In a fixed order: Cluster API compares definitions, and the corpus compares bytes. */
export function variableDefinitions(): VariableDefinition[] {
  return Object.entries(variables).map(([name, schema]) => ({
    name,
    required: !schema.safeParse(undefined).success,
    schema: { openAPIV3Schema: structural(schema) },
  }));
}

const all = z.object(variables);

/**
 * Values with their defaults. Admission has checked them already, so a failure means that class and extension differ.
 * @throws ApiError VARIABLE_INVALID naming the field
 */
export function parseVariables(values: Readonly<Record<string, unknown>>): Variables {
  const parsed = all.safeParse(values);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new ApiError('VARIABLE_INVALID', `spec.topology.variables: ${issues}`, { cause: parsed.error });
}
