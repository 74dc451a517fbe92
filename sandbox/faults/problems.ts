/** What a person wrote against a schema: one line per problem, and for a key that nobody knows the nearest that is known. */
import { z } from 'zod';
import { nearest } from '../../exporters/core/config.ts';

interface Node { readonly properties?: Readonly<Record<string, Node>>; readonly items?: Node; readonly anyOf?: readonly Node[]; readonly oneOf?: readonly Node[]; readonly const?: unknown }

export function problemsOf(error: z.ZodError, schema: z.ZodType, given: unknown): string[] {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node;
  return error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [`${issue.path.join('.') || '(top)'}: ${issue.message}`];
    const known = [...new Set(keysAt(root, issue.path, given))];
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      return `${[...issue.path, key].join('.')}: unknown key; ${near ? `did you mean ${near}? ` : ''}known are ${known.join(', ')}`;
    });
  });
}

/** Keys that a map may have at a path. Of several shapes only those count whose fixed values are the given ones (`what: node`). */
function keysAt(node: Node, path: readonly PropertyKey[], given: unknown): string[] {
  const shapes = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  if (shapes.length > 0) {
    const fitting = shapes.filter((shape) => Object.entries(shape.properties ?? {}).every(([key, { const: fixed }]) => fixed === undefined || fixed === (given as Record<string, unknown> | undefined)?.[key]));
    return fitting.flatMap((shape) => keysAt(shape, path, given));
  }
  const [first, ...rest] = path;
  if (first === undefined) return Object.keys(node.properties ?? {});
  const next = typeof first === 'number' ? node.items : node.properties?.[String(first)];
  return next ? keysAt(next, rest, (given as Record<PropertyKey, unknown> | undefined)?.[first]) : [];
}
