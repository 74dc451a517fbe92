import { parseVariables, variableDefinitions } from '../../../provisioner/api/variable-definitions.ts';
import { immutableFields } from '../../../provisioner/api/variables/immutable.ts';
import { badAuditRules, goodAuditRules } from '../topology/audit-rules.ts';
import type { StructuralSchema } from '../../../provisioner/api/openapi.ts';

const names = { controlPlane: { flavor: 'k.small', image: 'node' } };

test('only the control plane must be given', () => {
  expect(variableDefinitions().map(({ name, required }) => [name, required])).toEqual([
    ['cloud', false], ['network', false], ['api', false], ['controlPlane', true], ['worker', false], ['bastion', false], ['os', false], ['cilium', false],
  ]);
  expect(parseVariables(names)).toMatchObject({
    cloud: { identity: { type: 'Secret', name: 'cloud', cloudName: 'openstack' } },
    network: { nodeCidr: '10.6.0.0/24', dnsServers: [] },
    api: { loadBalancer: { provider: 'ovn', allowedCidrs: [] }, floatingIp: { mode: 'new' }, port: 6443, encryption: 'secretbox', tls: { minVersion: '1.2' } },
    controlPlane: { flavor: 'k.small', image: 'node', zones: [] },
    bastion: { enabled: true },
    cilium: { tunnel: 'vxlan', kubeProxy: 'keep' },
  });
});

test('worker has no defaults: Cluster API would write them into the override of a group, over what is said for the cluster', () => {
  expect(parseVariables(names).worker).toEqual({});
});

test('immutable fields are found where the schemas mark them, each with what would have to be rebuilt', () => {
  const fields = immutableFields();
  expect(fields.map(({ variable, path }) => [variable, ...path].join('.'))).toEqual(expect.arrayContaining(['cloud.region', 'network.nodeCidr', 'network.existing', 'api.loadBalancer.provider', 'api.port', 'controlPlane.etcdVolume']));
  for (const { message } of fields) expect(message).toMatch(/cannot be changed: .+ would have to be rebuilt; create a new Cluster/);
});

test('a value that admission would have refused is named', () => {
  expect(() => parseVariables({ ...names, network: { dnsServers: 'x' } })).toThrow(/network\.dnsServers/);
  expect(() => parseVariables({})).toThrow(expect.objectContaining({ code: 'VARIABLE_INVALID' }));
});

test('rules of the audit policy are held to what the API server takes, and handed on as they were written', () => {
  const read = (rules: readonly object[]) => parseVariables({ ...names, api: { audit: { rules } } }).api.audit.rules;
  expect(JSON.stringify(read(goodAuditRules))).toBe(JSON.stringify(goodAuditRules));
  // What two fields say together is left to CEL, and to the test with the real Cluster API.
  const byField = badAuditRules.filter(([, field]) => !['nonResourceURLs', 'resources.resourceNames'].includes(field));
  expect(byField).toHaveLength(6);
  for (const [rule, field] of byField) expect(() => read([rule])).toThrow(new RegExp(`api\\.audit\\.rules\\.0\\.${field.split(/[.[]/)[0]}`));
  expect(() => read([{ level: 'None', user: ['a'] }])).toThrow(/rules\.0: Unrecognized key: "user"/);
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
