import { z } from 'zod';
import { valuesPage } from '../../../charts/render/values-page.ts';
import { valuesSchema } from '../../../charts/render/values-schema.ts';
import { valuesYaml } from '../../../charts/render/values-yaml.ts';

const values = z.object({
  replicas: z.int().min(1).default(2).describe('How many pods run side by side; one of them holds the lease while all the others stand by, ready to take over within seconds.'),
  image: z.object({ tag: z.string().optional().describe('Tag; the version of the chart when not given.'), registry: z.string().default('ghcr.io').describe('Where images are pulled from.') }).prefault({}).describe('The image.'),
  mode: z.enum(['on', 'off']).default('on').describe('Switch.'),
  labels: z.record(z.string(), z.string()).default({}).describe('Extra labels.'),
  free: z.looseObject({}).default({}),
});

test('the values file shows defaults under their descriptions and what has no default as a comment', () => {
  expect(valuesYaml(values)).toBe(`# How many pods run side by side; one of them holds the lease while all the others stand by, ready
# to take over within seconds.
replicas: 2

# The image.
image:
  # Where images are pulled from.
  registry: ghcr.io
  # Tag; the version of the chart when not given.
  # tag: (string)

# Switch.
mode: 'on'

# Extra labels.
labels: {}

free: {}
`);
});

test('the schema is closed where the Zod object is, and open for records and loose objects', () => {
  const schema = valuesSchema(values);
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties?.['image']?.additionalProperties).toBe(false);
  expect(schema.properties?.['labels']?.additionalProperties).toEqual({ type: 'string' });
  expect(schema.properties?.['free']?.additionalProperties).toEqual({});
  expect(schema.properties?.['global']).toBeDefined();
  expect(schema.required).toBeUndefined();
});

test('integers carry only the bounds that were asked for', () => {
  expect(valuesSchema(values).properties?.['replicas']).toMatchObject({ type: 'integer', minimum: 1 });
  expect(valuesSchema(values).properties?.['replicas']?.maximum).toBeUndefined();
});

test('a value without a default makes rendering fail and says so', () => {
  expect(() => valuesYaml(z.object({ name: z.string() }))).toThrow(/without a default/);
});

test('the page has one row per key, nested keys with dots', () => {
  const page = valuesPage('demo', valuesSchema(values));
  expect(page).toContain('| `image.registry` | string | `"ghcr.io"` | Where images are pulled from. |');
  expect(page).toContain('| `mode` | "on" \\| "off" | `"on"` | Switch. |');
});
