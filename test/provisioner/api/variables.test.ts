import { parseVariables, variableDefinitions } from '../../../provisioner/api/variable-definitions.ts';
import type { StructuralSchema } from '../../../provisioner/api/openapi.ts';

const names = { controlPlane: { flavor: 'k.small', image: 'node' } };

test('only the control plane must be given', () => {
  expect(variableDefinitions().map(({ name, required }) => [name, required])).toEqual([
    ['cloud', false], ['network', false], ['api', false], ['controlPlane', true], ['worker', false],
  ]);
  expect(parseVariables(names)).toEqual({
    cloud: { identity: { name: 'cloud', cloudName: 'openstack' } },
    network: { nodeCidr: '10.6.0.0/24', dnsServers: [] },
    api: { loadBalancer: { enabled: true, provider: 'ovn', allowedCidrs: [] } },
    controlPlane: { flavor: 'k.small', image: 'node', zones: [] },
    worker: {},
  });
});

test('a value that admission would have refused is named', () => {
  expect(() => parseVariables({ ...names, network: { dnsServers: 'x' } })).toThrow(/network\.dnsServers/);
  expect(() => parseVariables({})).toThrow(expect.objectContaining({ code: 'VARIABLE_INVALID' }));
});

test('every field has a description, every string and list a bound, so that CEL costs can be estimated', () => {
  const open: string[] = [];
  const walk = (schema: StructuralSchema, path: string): void => {
    if (path.includes('.') && !path.endsWith('[]') && !schema['description']) open.push(`${path}: description`);
    if (schema.type === 'string' && !schema['enum'] && !schema['maxLength']) open.push(`${path}: maxLength`);
    if (schema.type === 'array' && !schema['maxItems']) open.push(`${path}: maxItems`);
    for (const [name, property] of Object.entries(schema.properties ?? {})) walk(property, `${path}.${name}`);
    if (schema.items) walk(schema.items, `${path}[]`);
  };
  for (const { name, schema } of variableDefinitions()) walk(schema.openAPIV3Schema, name);
  expect(open).toEqual([]);
});
