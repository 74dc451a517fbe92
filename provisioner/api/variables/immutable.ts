/** Which fields of the variables stay as they are, read from the schemas: for admission, plans and pages. */
import { immutableRule, type StructuralSchema } from '../openapi.ts';
import { variableDefinitions } from '../variable-definitions.ts';
import type { VariableName } from './index.ts';

export interface ImmutableField {
  readonly variable: VariableName;
  /** Names of fields from the variable down: ["loadBalancer", "provider"]. */
  readonly path: readonly string[];
  /** What cannot be changed, and what a change would have to rebuild. */
  readonly message: string;
}

/** In the order of the schemas. Fields of list elements cannot be marked: a list is immutable as a whole or not at all. */
export function immutableFields(): ImmutableField[] {
  return variableDefinitions().flatMap(({ name, schema }) => fieldsOf(schema.openAPIV3Schema, []).map((field) => ({ variable: name as VariableName, ...field })));
}

function fieldsOf(schema: StructuralSchema, path: readonly string[]): Omit<ImmutableField, 'variable'>[] {
  const rules = (schema['x-kubernetes-validations'] ?? []) as readonly { rule: string; message: string }[];
  const own = rules.filter(({ rule }) => rule === immutableRule).map(({ message }) => ({ path, message }));
  return [...own, ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => fieldsOf(property, [...path, name]))];
}
