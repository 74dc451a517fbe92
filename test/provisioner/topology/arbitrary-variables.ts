/** Values that fit the schemas of the variables, drawn from the schemas themselves. What only CEL rules say is left to the API server to judge. */
import fc from 'fast-check';
import type { StructuralSchema } from '../../../provisioner/api/openapi.ts';
import { variableDefinitions } from '../../../provisioner/api/variable-definitions.ts';

export type Values = Record<string, unknown>;

/** A whole set of variables: each optional field is there in half of the cases. */
export function arbitraryVariables(): fc.Arbitrary<Values> {
  const entries = variableDefinitions().map(({ name, required, schema }) => [name, arbitrary(schema.openAPIV3Schema, name), required] as const);
  return fc.record(Object.fromEntries(entries.map(([name, values]) => [name, values])), { requiredKeys: entries.filter(([, , required]) => required).map(([name]) => name) }).map((values) => mended(values as Values));
}

function arbitrary(schema: StructuralSchema, path: string): fc.Arbitrary<unknown> {
  if (schema['enum']) return fc.constantFrom(...(schema['enum'] as unknown[]));
  switch (schema.type) {
    case 'boolean': return fc.boolean();
    case 'integer': return fc.integer({ min: Number(schema['minimum'] ?? 0), max: Number(schema['maximum'] ?? 1000) });
    case 'array': return fc.array(arbitrary(schema.items ?? {}, `${path}[]`), { minLength: Number(schema['minItems'] ?? 0), maxLength: Math.min(Number(schema['maxItems'] ?? 3), 3) });
    case 'string': return text(schema, path);
    default: return object(schema, path);
  }
}

function object(schema: StructuralSchema, path: string): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, property]) => [name, arbitrary(property, `${path}.${name}`)]));
  return fc.record(fields, { requiredKeys: (schema['required'] ?? []) as string[] });
}

const octet = fc.integer({ min: 1, max: 254 });
const ipv4 = fc.tuple(octet, octet, octet).map(([a, b, c]) => `203.${a}.${b}.${c}`);
const ipv6 = fc.integer({ min: 1, max: 0xffff }).map((n) => `2001:db8::${n.toString(16)}`);
const pem = fc.stringMatching(/^[A-Za-z0-9+]{64}$/).map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`);

function text(schema: StructuralSchema, path: string): fc.Arbitrary<string> {
  const rules = JSON.stringify(schema['x-kubernetes-validations'] ?? []);
  if (path === 'network.nodeCidr') return fc.tuple(octet, fc.integer({ min: 16, max: 28 })).map(([n, bits]) => `10.${n}.0.0/${bits}`);
  if (rules.includes('isCIDR') && rules.includes('family() == 4')) return ipv4.map((ip) => `${ip}/32`);
  if (rules.includes('isCIDR')) return fc.oneof(ipv4.map((ip) => `${ip}/32`), ipv6.map((ip) => `${ip}/128`));
  if (rules.includes('family() == 4')) return ipv4;
  if (rules.includes('isIP')) return fc.oneof(ipv4, ipv6);
  if (/[cC]ertificateAuthorit(y|ies)(\[\])?$/.test(path) && !path.includes('ssh')) return pem;
  const { minLength = 0, maxLength = 30 } = schema as { minLength?: number; maxLength?: number };
  const pattern = schema['pattern'] as string | undefined;
  if (pattern === undefined) return fc.stringMatching(/^[A-Za-z0-9äß _.,:'"{}$\\-]*$/, { maxLength: Math.min(maxLength, 40) } as object).map((drawn) => drawn.slice(0, maxLength).padEnd(minLength, 'x'));
  return fc.stringMatching(new RegExp(pattern, 'u'.repeat(0))).filter((drawn) => drawn.length >= minLength && drawn.length <= maxLength);
}

/** Fields that exclude or need each other are put right, or nearly every set would be refused and prove nothing. */
function mended(values: Values): Values {
  const copy = structuredClone(values) as Record<string, Record<string, unknown>>;
  const pick = (holder: Record<string, unknown> | undefined, keys: readonly string[]): void => {
    const there = keys.filter((key) => holder?.[key] !== undefined);
    for (const key of there.slice(1)) delete holder?.[key];
    if (holder && there.length === 0) holder[keys[1] ?? ''] = 'x1';
  };
  const { network, api, os } = copy;
  const existing = network?.['existing'] as { network?: Record<string, unknown>; subnets?: Record<string, unknown>[]; router?: Record<string, unknown> } | undefined;
  for (const reference of [network?.['externalNetwork'], existing?.network, existing?.router, ...(existing?.subnets ?? [])]) pick(reference as Record<string, unknown> | undefined, ['id', 'name']);
  if (network && existing) for (const key of ['mtu', 'dnsServers', 'routes']) delete network[key];
  const balancer = api?.['loadBalancer'] as Record<string, unknown> | undefined;
  if (balancer?.['provider'] === 'none') for (const key of ['flavor', 'zone']) delete balancer[key];
  const audit = api?.['audit'] as { rules?: Record<string, unknown>[] } | undefined;
  for (const rule of audit?.rules ?? []) {
    if ((rule['nonResourceURLs'] as unknown[] | undefined)?.length) for (const key of ['resources', 'namespaces']) delete rule[key];
    for (const one of (rule['resources'] ?? []) as { resources?: unknown[]; resourceNames?: unknown[] }[]) if (!one.resources?.length) delete one.resourceNames;
  }
  const tls = api?.['tls'] as { minVersion?: string; cipherSuites?: string[] } | undefined;
  if (tls?.minVersion === '1.3') delete tls.cipherSuites;
  else if (tls?.cipherSuites) tls.cipherSuites = [...new Set([...tls.cipherSuites, 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'])];
  const ip = api?.['floatingIp'] as Record<string, unknown> | undefined;
  if (ip && ip['mode'] !== 'none') delete ip['fixedIp'];
  if (ip && ip['mode'] !== 'existing') delete ip['address'];
  else if (ip) ip['address'] ??= '203.0.113.9';
  const proxy = os?.['proxy'] as Record<string, unknown> | undefined;
  if (proxy && !proxy['http'] && !proxy['https']) proxy['http'] = 'http://proxy:3128';
  return copy;
}
