import { z } from 'zod';
import { structural, opaque, rules } from '../../../provisioner/api/openapi.ts';

test('integers lose the bounds of JavaScript numbers and keep their own', () => {
  expect(structural(z.object({ a: z.int(), b: z.int().min(1).max(5), c: z.number().gt(0) })).properties).toEqual({
    a: { type: 'integer' },
    b: { type: 'integer', minimum: 1, maximum: 5 },
    c: { type: 'number', minimum: 0, exclusiveMinimum: true },
  });
});

test('closed objects have no additionalProperties, maps have a schema, opaque objects keep everything', () => {
  const schema = structural(z.object({ closed: z.strictObject({ a: z.string() }), map: z.record(z.string(), z.string()), open: opaque() }));
  expect(schema.properties?.['closed']).toEqual({ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] });
  expect(schema.properties?.['map']).toEqual({ type: 'object', additionalProperties: { type: 'string' } });
  expect(schema.properties?.['open']).toEqual({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
});

test('the default of an object holds the defaults of its fields, so that CEL rules over it can be evaluated', () => {
  const schema = structural(z.object({ inner: z.object({ a: z.string().default('x') }).prefault({}) }));
  expect(schema.properties?.['inner']).toMatchObject({ default: { a: 'x' }, properties: { a: { default: 'x' } } });
  expect(schema['required']).toBeUndefined();
});

test('rules stay on the value they were put on', () => {
  expect(structural(z.object({ a: z.string().default('b').meta(rules({ rule: 'self != ""', message: 'no' })).describe('text') })).properties?.['a']).toEqual({
    type: 'string', default: 'b', description: 'text', 'x-kubernetes-validations': [{ rule: 'self != ""', message: 'no' }],
  });
});

test('what has no structural form is refused with its path', () => {
  expect(() => structural(z.object({ a: z.array(z.object({ b: z.union([z.string(), z.int()]) })) }))).toThrow(/a\[\]\.b uses anyOf/);
  expect(() => structural(z.object({ a: z.unknown() }))).toThrow(/a has no type/);
});
