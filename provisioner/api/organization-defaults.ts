/**
 * What new Clusters of an organization get where they say nothing. The operator writes it on the namespace as text, one
 * field a line, where an admission policy of the API server reads it (provisioner/topology/admission/organization-defaults.ts).
 */
import { z } from 'zod';
import { systemNamespace } from './names.ts';
import { rules } from './openapi.ts';

const name = z.string().min(1).max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
/** Of something in OpenStack; a line of text. */
const cloudName = z.string().min(1).max(255).regex(/^[^\n\r]+$/);

export const clusterClassRef = z.object({
  name: name.describe('Name of the ClusterClass.'),
  namespace: name.default(systemNamespace).describe('Its namespace.'),
});

export const organizationDefaults = z
  .object({
    classRef: clusterClassRef.optional().describe('ClusterClass.'),
    version: z.string().max(32).regex(/^v1\.[0-9]{1,3}\.[0-9]{1,3}$/).optional().describe('Version of Kubernetes, such as v1.36.3.'),
    image: cloudName.optional().describe('Glance image of the servers, for Clusters of `version`: an image holds one Kubernetes.'),
    identity: z
      .object({
        type: z.enum(['Secret', 'ClusterIdentity']).default('Secret').describe('As in spec.identities.'),
        name: z.string().min(1).max(253).describe('As in spec.identities.'),
        cloudName: z.string().min(1).max(63).default('openstack').describe('Entry of clouds.yaml.'),
      })
      .optional()
      .describe('Credentials.'),
    externalNetwork: cloudName.optional().describe('Name of the network floating IPs come from.'),
    controlPlane: z.object({ flavor: cloudName.optional().describe('Nova flavor.') }).optional().describe('Control plane servers.'),
    worker: z.object({ flavor: cloudName.optional().describe('Nova flavor.') }).optional().describe('Worker servers.'),
  })
  .meta(rules({ rule: '!has(self.image) || has(self.version)', message: 'an image holds one version of Kubernetes: give version too', fieldPath: '.image' }))
  .optional()
  .describe('What new Clusters get where they say nothing. A change of it changes no Cluster that is there.');

export type OrganizationDefaults = z.output<typeof organizationDefaults>;

/** The fields of class variables that can be defaulted, beside `classRef` and `version` of the topology. */
export const defaultedVariables = [
  { variable: 'cloud', field: 'identity' },
  { variable: 'network', field: 'externalNetwork' },
  { variable: 'controlPlane', field: 'flavor' },
  { variable: 'controlPlane', field: 'image' },
  { variable: 'worker', field: 'flavor' },
] as const;

/** `controlPlane/flavor=k.small`; nothing for what has no default. */
export function defaultLines(defaults: OrganizationDefaults): string[] {
  const { classRef, version, image, identity, externalNetwork, controlPlane, worker } = defaults ?? {};
  const values: Readonly<Record<string, string | undefined>> = {
    classRef: classRef && `${classRef.namespace}/${classRef.name}`,
    version,
    'cloud/identity': identity && `${identity.type}/${identity.name}/${identity.cloudName}`,
    'network/externalNetwork': externalNetwork,
    'controlPlane/flavor': controlPlane?.flavor,
    'controlPlane/image': image,
    'worker/flavor': worker?.flavor,
  };
  return Object.entries(values).flatMap(([field, value]) => (value === undefined ? [] : [`${field}=${value}`]));
}
