/**
 * values.yaml of a chart: every default under a comment that says what it is for; what has no default stands
 * there commented out.
 */
import { Document, isMap, isScalar, type Pair, type YAMLMap } from 'yaml';
import type { z } from 'zod';
import { plainSchema, typeName, type JsonSchema } from './json-schema.ts';

const lineWidth = 100;

/** @throws Error when a value is required: a chart must install with its defaults. */
export function valuesYaml(values: z.ZodObject): string {
  const defaults = values.safeParse({});
  if (!defaults.success) throw new Error(`values without a default make the chart not installable as it is: ${defaults.error.message}`);
  // Helm reads YAML 1.1, where a bare `on` or `yes` is a boolean: version 1.1 makes the writer quote them.
  const document = new Document(defaults.data, { version: '1.1' });
  if (isMap(document.contents)) comment(document.contents as YAMLMap<unknown, unknown>, plainSchema(values), 0);
  return document.toString({ lineWidth: 0, singleQuote: true });
}

function comment(map: YAMLMap<unknown, unknown>, schema: JsonSchema, depth: number): void {
  const absent = new Map(Object.entries(schema.properties ?? {}));
  for (const [index, pair] of map.items.entries()) {
    const name = keyOf(pair);
    const property = absent.get(name);
    absent.delete(name);
    if (!property || !isScalar(pair.key)) continue;
    pair.key.commentBefore = wrap(property.description, depth) ?? null;
    pair.key.spaceBefore = depth === 0 && index > 0;
    if (isMap(pair.value)) comment(pair.value as YAMLMap<unknown, unknown>, property, depth + 1);
  }
  const lines = [...absent].map(([name, property]) => `${wrap(property.description, depth) ?? ''}\n ${name}: (${typeName(property)})`.replace(/^\n/, ''));
  if (lines.length && map.items.length) map.comment = lines.join('\n');
}

const keyOf = (pair: Pair<unknown, unknown>): string => String(isScalar(pair.key) ? pair.key.value : pair.key);

/** Comment lines as `yaml` wants them: each with its leading blank, without the #. */
function wrap(text: string | undefined, depth: number): string | undefined {
  if (!text) return undefined;
  const width = lineWidth - depth * 2 - 2;
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => ` ${line}`).join('\n');
}
