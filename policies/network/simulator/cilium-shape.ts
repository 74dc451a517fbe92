/**
 * The shape of CiliumNetworkPolicy, CiliumClusterwideNetworkPolicy and CiliumCIDRGroup, as their CRDs have it
 * (pkg/k8s/apis/cilium.io/client/crds/v2 of Cilium 1.20). Unknown fields are reported: the API server drops them.
 * What the CRDs cannot say is in cilium-checks.ts.
 */
import { z } from 'zod';
import { parsePrefix } from './addresses.ts';
import { entities } from './peers.ts';

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

export const labelSelectorShape = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z.array(z.strictObject({ key: z.string(), operator: z.enum(operators), values: z.array(z.string()).optional() })).optional(),
});

const cidr = z.string().refine((text) => parsePrefix(text) !== undefined, 'is not a CIDR with a prefix length (10.0.0.0/8, 10.1.2.3/32)');

const cidrRule = z
  .strictObject({ cidr: cidr.optional(), cidrGroupRef: z.string().min(1).optional(), cidrGroupSelector: labelSelectorShape.optional(), except: z.array(cidr).optional() })
  .refine((rule) => [rule.cidr, rule.cidrGroupRef, rule.cidrGroupSelector].filter((part) => part !== undefined).length === 1, 'needs exactly one of cidr, cidrGroupRef, cidrGroupSelector');

const portText = z.string({ error: (issue) => (typeof issue.input === 'number' ? `port is a string: write "${issue.input}"` : 'port is a string') });

const port = z.strictObject({
  port: portText.optional(),
  endPort: z.int().min(0).max(65535).optional(),
  protocol: z.enum(['TCP', 'UDP', 'SCTP', 'VRRP', 'IGMP', 'GRE', 'IPIP', 'IPV6', 'ESP', 'AH', 'ANY']).optional(),
});

const dnsName = z
  .strictObject({ matchName: z.string().max(255).optional(), matchPattern: z.string().max(255).optional() })
  .refine((name) => (name.matchName === undefined) !== (name.matchPattern === undefined), 'needs exactly one of matchName, matchPattern')
  .refine((name) => /^([-a-zA-Z0-9_]+[.]?)+$/.test(name.matchName ?? 'x') && /^([-a-zA-Z0-9_*]+[.]?)+$/.test(name.matchPattern ?? 'x'), 'has characters that a DNS name does not have');

const dnsRule = z
  .strictObject({ matchName: z.string().optional(), matchPattern: z.string().optional() })
  .refine((name) => (name.matchName === undefined) !== (name.matchPattern === undefined), 'needs exactly one of matchName, matchPattern');

const l7Rules = z
  .strictObject({ http: z.array(z.looseObject({})).optional(), dns: z.array(dnsRule).optional() })
  .refine((rules) => (rules.http === undefined) !== (rules.dns === undefined), 'needs exactly one of http, dns');

const denyPorts = z.strictObject({ ports: z.array(port).max(40).optional() });

const ports = denyPorts.extend({
  rules: l7Rules.optional(),
  serverNames: z.array(z.string().max(255)).min(1).optional(),
  terminatingTLS: z.looseObject({}).optional(),
  originatingTLS: z.looseObject({}).optional(),
  listener: z.looseObject({ name: z.string() }).optional(),
});

const icmps = z.array(
  z.strictObject({ fields: z.array(z.strictObject({ family: z.enum(['IPv4', 'IPv6']).optional(), type: z.union([z.int().min(0).max(255), z.string()]) })).max(40).optional() }),
);

const entity = z.enum(entities);
const authentication = z.strictObject({ mode: z.enum(['disabled', 'required', 'test-always-fail']) });
const groups = z.array(z.looseObject({}));

const from = {
  fromEndpoints: z.array(labelSelectorShape).optional(),
  fromNodes: z.array(labelSelectorShape).optional(),
  fromEntities: z.array(entity).optional(),
  fromCIDR: z.array(cidr).optional(),
  fromCIDRSet: z.array(cidrRule).optional(),
  fromGroups: groups.optional(),
  fromRequires: z.array(z.unknown()).max(0).optional(),
  icmps: icmps.optional(),
};

const service = z.strictObject({
  k8sService: z.strictObject({ serviceName: z.string().optional(), namespace: z.string().optional() }).optional(),
  k8sServiceSelector: z.strictObject({ selector: labelSelectorShape, namespace: z.string().optional() }).optional(),
});

const to = {
  toEndpoints: z.array(labelSelectorShape).optional(),
  toNodes: z.array(labelSelectorShape).optional(),
  toEntities: z.array(entity).optional(),
  toCIDR: z.array(cidr).optional(),
  toCIDRSet: z.array(cidrRule).optional(),
  toGroups: groups.optional(),
  toServices: z.array(service).optional(),
  toRequires: z.array(z.unknown()).max(0).optional(),
  icmps: icmps.optional(),
};

const ingress = z.strictObject({ ...from, toPorts: z.array(ports).optional(), authentication: authentication.optional() });
const ingressDeny = z.strictObject({ ...from, toPorts: z.array(denyPorts).optional() });
const egress = z.strictObject({ ...to, toFQDNs: z.array(dnsName).optional(), toPorts: z.array(ports).optional(), authentication: authentication.optional() });
const egressDeny = z.strictObject({ ...to, toPorts: z.array(denyPorts).optional() });

const spec = z
  .strictObject({
    endpointSelector: labelSelectorShape.optional(),
    nodeSelector: labelSelectorShape.optional(),
    ingress: z.array(ingress).optional(),
    ingressDeny: z.array(ingressDeny).optional(),
    egress: z.array(egress).optional(),
    egressDeny: z.array(egressDeny).optional(),
    enableDefaultDeny: z.strictObject({ ingress: z.boolean().optional(), egress: z.boolean().optional() }).optional(),
    labels: z.array(z.looseObject({})).optional(),
    description: z.string().optional(),
    log: z.looseObject({}).optional(),
  })
  .refine((s) => (s.endpointSelector === undefined) !== (s.nodeSelector === undefined), 'needs exactly one of endpointSelector, nodeSelector');

export const ciliumPolicyShape = z.looseObject({
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().optional() }),
  spec: spec.optional(),
  specs: z.array(spec).optional(),
});

export const cidrGroupShape = z.looseObject({
  metadata: z.looseObject({ name: z.string().min(1), labels: z.record(z.string(), z.string()).optional() }),
  spec: z.strictObject({ externalCIDRs: z.array(cidr) }),
});

export type CiliumSpec = z.infer<typeof spec>;
export type IngressEntry = z.infer<typeof ingress>;
export type EgressEntry = z.infer<typeof egress>;
export type CidrRule = z.infer<typeof cidrRule>;
export type PortEntry = z.infer<typeof ports>;
export type PortText = z.infer<typeof port>;
