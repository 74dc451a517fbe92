/**
 * Organization: a tenant of the management cluster. It gets a namespace, in which its members declare clusters with the
 * rights of their roles, within a quota, in OpenStack projects that are nobody else's.
 */
import { z } from 'zod';
import { roleNames } from '../../policies/tenancy/roles.ts';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition, readyColumn, reasonColumn } from './crd.ts';
import { conditions, observedGeneration, type ObjectMeta } from './metadata.ts';
import { apiVersion, clusterClassName, maxOrganizationName, systemNamespace, version } from './names.ts';
import { rules } from './openapi.ts';
import { clusterClassRef, organizationDefaults } from './organization-defaults.ts';

const name = z.string().min(1).max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** Groups of an identity provider carry its prefix: a bare one may be anybody's, also that of a client certificate. */
export const member = z
  .object({
    kind: z.enum(['Group', 'User', 'ServiceAccount']).describe('Whom the name means.'),
    name: z.string().min(1).max(253).describe('Name as the API server knows it, with the prefix of its identity provider: "oidc:platform".'),
    namespace: name.optional().describe("Namespace of a service account. Not given: the organization's own."),
    role: z.enum(roleNames).describe('What the member may do in the organization.'),
  })
  .meta(
    rules(
      { rule: "!self.name.startsWith('system:')", message: 'users and groups of Kubernetes itself cannot be members', fieldPath: '.name' },
      { rule: "self.kind != 'Group' || self.name.indexOf(':') > 0", message: 'a group needs the prefix of its identity provider, such as oidc:', fieldPath: '.name' },
      { rule: "self.kind == 'ServiceAccount' || !has(self.namespace)", message: 'only a service account has a namespace', fieldPath: '.namespace' },
      { rule: "self.kind != 'ServiceAccount' || self.name != 'default'", message: 'every pod that names no service account has this one; make one of its own', fieldPath: '.name' },
    ),
  );

export const identity = z
  .object({
    type: z.enum(['Secret', 'ClusterIdentity']).default('Secret').describe("Where the credentials are: a Secret in the organization's namespace, or an OpenStackClusterIdentity that admits it."),
    name: z.string().min(1).max(253).regex(/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/).default('cloud').describe('Name of the Secret (keys clouds.yaml and, for a private CA, cacert) or of the OpenStackClusterIdentity.'),
    cloudName: z.string().min(1).max(63).default('openstack').describe('Entry of clouds.yaml.'),
    authUrl: z.string().min(8).max(2048).regex(/^https?:\/\/[^\s@]+$/).optional().describe("Keystone's URL that the credentials must name. Not given: any."),
    project: z.string().min(1).max(64).regex(/^[0-9A-Za-z][-0-9A-Za-z]*$/).describe('Id of the OpenStack project. It belongs to this organization alone: a credential reaches everything in its project.'),
  });

const count = z.int().min(0).max(1_000_000).optional();
export const quota = z
  .object({
    clusters: count.describe('Clusters.'),
    machines: count.describe('Control plane and worker machines of all clusters.'),
    cores: count.describe('Cores of all servers, bastions too.'),
    memory: z.string().max(32).regex(/^[0-9]+(Mi|Gi|Ti|M|G|T)$/).optional().describe('Memory of all servers, such as 512Gi.'),
    loadBalancers: count.describe("Load balancers of API servers. Those of Services are bounded by the project's own quota."),
  })
  .describe("What all clusters of the organization may declare together; absent: unbounded. An autoscaler's maximum counts. The quota of the OpenStack project is the hard limit.");

export const organizationSpec = z
  .object({
    displayName: z.string().min(1).max(128).optional().describe('Name for people.'),
    contact: z
      .object({
        email: z.string().max(254).regex(/^[^\s@]+@[^\s@]+$/).optional().describe('Where mail to the organization goes.'),
        url: z.string().max(2048).regex(/^https?:\/\/\S+$/).optional().describe('Where people find out more.'),
      })
      .optional()
      .describe('Whom to ask.'),
    members: z.array(member).max(256).default([]).describe('Who may do what.'),
    identities: z
      .array(identity)
      .max(32)
      .default([])
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type', 'name'] })
      .describe("The credentials that the organization's clusters may use, and the projects these are for."),
    allowedClasses: z
      .array(clusterClassRef)
      .max(32)
      .default([{ name: clusterClassName, namespace: systemNamespace }])
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['namespace', 'name'] })
      .describe('ClusterClasses its clusters may have. A cluster that has another one already keeps it.'),
    quota: quota.prefault({}),
    defaults: organizationDefaults,
  })
  .meta(
    rules(
      { rule: '!has(self.defaults) || !has(self.defaults.classRef) || self.allowedClasses.exists(c, c.name == self.defaults.classRef.name && c.__namespace__ == self.defaults.classRef.__namespace__)', message: 'must be one of allowedClasses', fieldPath: '.defaults.classRef' },
      { rule: '!has(self.defaults) || !has(self.defaults.identity) || self.identities.exists(i, i.name == self.defaults.identity.name && i.type == self.defaults.identity.type)', message: 'must be one of identities', fieldPath: '.defaults.identity' },
    ),
  )
  .describe('What the organization is and may.');

export const usage = z.object({
  clusters: z.int().min(0).describe('Clusters.'),
  machines: z.int().min(0).describe('Control plane and worker machines.'),
  cores: z.int().min(0).describe('Cores of all servers.'),
  memory: z.string().describe('Memory of all servers.'),
  loadBalancers: z.int().min(0).describe('Load balancers of API servers.'),
});

export const flavorSize = z.object({
  name: z.string().describe('Name in Nova.'),
  cores: z.int().min(0).describe('Cores.'),
  memoryMiB: z.int().min(0).describe('Memory in MiB.'),
});

export const organizationStatus = z
  .object({
    observedGeneration,
    namespace: z.string().optional().describe('The namespace of the organization.'),
    used: usage.optional().describe('What its clusters declare or, where more, what there is.'),
    flavors: z
      .array(flavorSize)
      .max(512)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .describe('Sizes of the flavors in its projects, by which cores and memory are counted. Where projects disagree, the larger.'),
    conditions,
  })
  .describe('What is.');

export type Member = z.output<typeof member>;
export type OrganizationIdentity = z.output<typeof identity>;
export type OrganizationQuota = z.output<typeof quota>;
export type OrganizationUsage = z.output<typeof usage>;
export type FlavorSize = z.output<typeof flavorSize>;
export type OrganizationSpec = z.output<typeof organizationSpec>;
export type OrganizationStatus = z.output<typeof organizationStatus>;
export type Organization = { apiVersion: typeof apiVersion; kind: 'Organization'; metadata: ObjectMeta; spec: OrganizationSpec; status?: OrganizationStatus };

/** A name is never cut: one that does not fit is refused, so two organizations never meet in one namespace. */
const nameRules = [
  { rule: `self.metadata.name.size() <= ${maxOrganizationName}`, message: `an organization's name has at most ${maxOrganizationName} characters: with org- before it, it names a namespace` },
  { rule: "!self.metadata.name.contains('.')", message: "an organization's name has no dots: it is part of a namespace's name" },
] as const;

export function organizationDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    kind: 'Organization',
    plural: 'organizations',
    shortNames: ['org'],
    scope: 'Cluster',
    version,
    description: 'Organization is a tenant: people with roles, OpenStack projects, a quota, and a namespace for its clusters.',
    spec: organizationSpec,
    status: organizationStatus,
    rules: nameRules,
    columns: [
      { name: 'Namespace', type: 'string', jsonPath: '.status.namespace' },
      { name: 'Clusters', type: 'integer', jsonPath: '.status.used.clusters' },
      { name: 'Machines', type: 'integer', jsonPath: '.status.used.machines' },
      { name: 'Cores', type: 'integer', jsonPath: '.status.used.cores' },
      readyColumn,
      reasonColumn,
      ageColumn,
    ],
  });
}
