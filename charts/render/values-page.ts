/** A schema as a table for the reference pages: one row per key, nested keys with dots. */
import { typeName, type JsonSchema } from './json-schema.ts';

/** Rows `key | type | default | description` of all keys of an object schema, depth first. */
export function schemaTable(schema: JsonSchema): string {
  return ['| key | type | default | description |', '|---|---|---|---|', ...rows(schema, '')].join('\n');
}

/** The page of one chart. */
export function valuesPage(chart: string, schema: JsonSchema): string {
  return `# Values of the chart ${chart}\n${schema.description ? `\n${schema.description}\n` : ''}\n${schemaTable(schema)}\n`;
}

function* rows(schema: JsonSchema, prefix: string): Generator<string> {
  const required = new Set(schema.required ?? []);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const key = prefix ? `${prefix}.${name}` : name;
    const isNested = property.properties !== undefined && Object.keys(property.properties).length > 0;
    const value = property.default === undefined || isNested ? (required.has(name) ? '*required*' : '') : `\`${JSON.stringify(property.default)}\``;
    yield `| \`${key}\` | ${cell(typeName(property))} | ${cell(value)} | ${cell(describe(property))} |`;
    if (isNested) yield* rows(property, key);
    if (property.items?.properties) yield* rows(property.items, `${key}[]`);
    for (const variant of property.items?.anyOf ?? property.items?.oneOf ?? []) yield* rows(variant, `${key}[]${variantName(variant)}`);
  }
}

/** Of a union told apart by a key with one value: " (type tcp)". */
function variantName({ properties = {} }: JsonSchema): string {
  const [tag] = Object.entries(properties).filter(([, { const: value }]) => value !== undefined);
  return tag ? ` (${tag[0]} ${String(tag[1].const)})` : '';
}

function describe(schema: JsonSchema): string {
  const bounds = [
    schema.minimum !== undefined ? `at least ${schema.minimum}` : '',
    schema.maximum !== undefined ? `at most ${schema.maximum}` : '',
    schema.pattern !== undefined ? `matches \`${schema.pattern}\`` : '',
  ].filter(Boolean).join(', ');
  const rules = Array.isArray(schema['x-kubernetes-validations']) ? (schema['x-kubernetes-validations'] as { message?: string }[]).map((rule) => rule.message).filter(Boolean).join('; ') : '';
  return [schema.description ?? '', bounds ? `(${bounds})` : '', rules ? `Rule: ${rules}.` : ''].filter(Boolean).join(' ');
}

/** Text as it stands in a table of Markdown. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
