/**
 * The variables of the ClusterClass openstack-v1: what a user may say about a cluster, with defaults and bounds.
 * Rules in CEL are enforced by Cluster API when a Cluster is created or changed, also in a dry run.
 */
import { z } from 'zod';
import { immutable, rules } from './openapi.ts';

/** Longest text of an IPv4 or IPv6 CIDR. */
const maxCidr = 43;
const cidr = z.string().min(9).max(maxCidr);
const resourceName = z.string().min(1).max(255);

const identity = z
  .object({
    name: z.string().min(1).max(253).default('cloud').describe('Secret beside the Cluster with the keys clouds.yaml and, where needed, cacert.'),
    cloudName: z.string().min(1).max(63).default('openstack').describe('Entry of clouds.yaml to use.'),
  })
  .prefault({})
  .describe('Credentials for OpenStack.');

export const cloud = z
  .object({
    identity,
    region: z.string().min(1).max(255).optional().describe('OpenStack region; not given: the one in clouds.yaml.'),
  })
  .meta(rules({ rule: 'has(self.region) == has(oldSelf.region) && (!has(self.region) || self.region == oldSelf.region)', message: 'the region of a cluster cannot be changed', reason: 'FieldValueForbidden' }))
  .describe('The OpenStack cloud the cluster lives in.');

const externalNetwork = z
  .object({
    id: z.string().min(1).max(36).optional().describe('Id of the network.'),
    name: resourceName.optional().describe('Name of the network.'),
  })
  .meta(rules({ rule: 'has(self.id) != has(self.name)', message: 'give either the id or the name of the external network' }))
  .optional()
  .describe('Network floating IPs come from and routers lead to. Not given: the only external network there is.');

export const network = z
  .object({
    externalNetwork,
    nodeCidr: cidr
      .default('10.6.0.0/24')
      .meta(
        rules(
          { rule: 'isCIDR(self) && cidr(self).ip().family() == 4 && cidr(self).prefixLength() <= 28', message: 'must be an IPv4 CIDR of /28 or wider' },
          immutable('the subnet of the nodes'),
        ),
      )
      .describe('Subnet of the nodes, created for this cluster.'),
    dnsServers: z
      .array(z.string().max(39).meta(rules({ rule: 'isIP(self)', message: 'must be an IP address' })))
      .max(5)
      .default([])
      .describe('DNS servers of the subnet. None: those of the cloud.'),
  })
  .meta(
    rules({
      rule: 'has(self.externalNetwork) == has(oldSelf.externalNetwork) && (!has(self.externalNetwork) || self.externalNetwork == oldSelf.externalNetwork)',
      message: 'the external network of a cluster cannot be changed',
      reason: 'FieldValueForbidden',
    }),
  )
  .describe("The cluster's own network.");

const loadBalancer = z
  .object({
    enabled: z.boolean().default(true).meta(rules(immutable('whether the API server has a load balancer'))).describe('An Octavia load balancer in front of the control plane; without it the first control plane server gets the floating IP.'),
    provider: z.enum(['ovn', 'amphora']).default('ovn').meta(rules(immutable('the load balancer provider'))).describe('Octavia provider.'),
    allowedCidrs: z
      .array(cidr.meta(rules({ rule: 'isCIDR(self)', message: 'must be a CIDR' })))
      .max(64)
      .default([])
      .describe('Who may reach the API server; empty: everyone. The networks of the cluster itself are always let in. Needs the amphora provider.'),
  })
  .meta(rules({ rule: "self.provider != 'ovn' || self.allowedCidrs.size() == 0", message: 'the OVN provider has no allowed CIDRs' }))
  .prefault({})
  .describe('Load balancer of the API server.');

export const api = z.object({ loadBalancer }).describe('How the API server is reached.');

export const controlPlane = z
  .object({
    flavor: resourceName.describe('Nova flavor of the control plane servers.'),
    image: resourceName.describe('Glance image of the control plane servers, by name; its Kubernetes is that of spec.topology.version.'),
    zones: z
      .array(resourceName)
      .max(9)
      .default([])
      .meta(rules({ rule: 'self.all(zone, self.exists_one(other, other == zone))', message: 'zones must not repeat' }))
      .describe('Availability zones the control plane is spread over. None: all zones of the cloud.'),
  })
  .describe('The control plane servers.');

export const worker = z
  .object({
    flavor: resourceName.optional().describe("Nova flavor. Not given: the cluster-wide one, else the control plane's."),
    image: resourceName.optional().describe("Glance image by name. Not given: the cluster-wide one, else the control plane's."),
  })
  .describe('Worker servers; a MachineDeployment may override single fields. The zone of a group is its failureDomain.');

/** The variables by name, as the class publishes them. `isRequired` without a default of its own must be given. */
export const variables = { cloud: cloud.prefault({}), network: network.prefault({}), api: api.prefault({}), controlPlane, worker: worker.prefault({}) } as const;

export type VariableName = keyof typeof variables;
export type Variables = { readonly [Name in VariableName]: z.output<(typeof variables)[Name]> };
/** What a user writes: defaults may be left out. */
export type VariablesInput = { readonly [Name in VariableName]?: z.input<(typeof variables)[Name]> };
