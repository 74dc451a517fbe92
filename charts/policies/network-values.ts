/** Values of the part "network". */
import { z } from 'zod';
import { catalogue } from '../../policies/network/contracts/catalogue.ts';
import { defaultSite } from '../../policies/network/contracts/site.ts';

const componentNames = [...new Set((['workload', 'management'] as const).flatMap((cluster) => catalogue({ cluster }).contracts.filter(({ pods }) => !pods.hostNetwork).map(({ component }) => component)))] as [string, ...string[]];
const port = z.int().min(1).max(65535);
const cidrs = z.array(z.string().regex(/^[0-9.]+\/[0-9]+$/)).min(1);

/** Ports that values may change; each is a placeholder in the templates. */
export const portDefaults = {
  apiServer: defaultSite.apiServerPort,
  dns: defaultSite.dnsPort,
  controlPlaneMetrics: defaultSite.controlPlaneMetricsPort,
  ...Object.fromEntries((['keystone', 'nova', 'neutron', 'glance', 'octavia', 'cinder'] as const).map((name) => [name, (defaultSite.outside[name].ports[0] as { port: number }).port])),
} as const;

export const networkValues = z
  .object({
    enabled: z.boolean().default(false).describe('Deny all in the managed namespaces, and let through what contracts say. Look at it with keelson policy network check first.'),
    cluster: z.enum(['workload', 'management']).default('workload').describe('Whose components.'),
    kind: z.enum(['cilium', 'kubernetes']).default('cilium').describe('cilium: all of it. kubernetes: NetworkPolicy, without host policies and prohibitions; flows with nodes and the API server are open to any peer on the same ports.'),
    hosts: z.enum(['off', 'audit', 'enforce']).default('audit').describe('What may reach nodes (hostFirewall.enabled of Cilium): audit drops nothing.'),
    components: z.array(z.enum(componentNames)).default([]).describe('Components that get their policy; none: all. Default deny is for all of the managed namespaces.'),
    tenants: z.array(z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)).default([]).describe("Namespaces that start with the defaults of tenants: deny all, then DNS and the own namespace."),
    ports: z
      .object(Object.fromEntries(Object.entries(portDefaults).map(([name, value]) => [name, port.default(value).describe(`Target port of ${name}.`)])))
      .prefault({})
      .describe('Ports that differ from cloud to cloud; dns is where CoreDNS listens in its pods.'),
    openStackCidrs: cidrs.default(['0.0.0.0/0']).describe('Addresses of the OpenStack services.'),
    resolverCidrs: cidrs.default(['0.0.0.0/0']).describe('Addresses of the resolvers outside, which CoreDNS asks.'),
    apiClientCidrs: cidrs.default([...defaultSite.apiClientCidrs]).describe('Who may call the API server from outside the cluster.'),
    metadataCidrs: cidrs.default([...defaultSite.metadataCidrs]).describe('The metadata service of the cloud, which no pod ever reaches.'),
  })
  .prefault({})
  .describe('Network policies.');
