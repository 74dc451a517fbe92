/** The Organizations of the sandbox, as people would write them. Pure. */
import { apiVersion, clusterClassName } from '../../../provisioner/api/names.ts';
import type { KubeObject } from '../../../provisioner/kube/index.ts';
import { nodeImage } from '../cluster-object.ts';
import { defaultShape, maxWorkers } from '../shape.ts';

/** Of each organization one person with each role; automation is for machines. */
export const personalRoles = ['admin', 'editor', 'reader'] as const;
export type PersonalRole = (typeof personalRoles)[number];

/** `demo-admin`: the person in the names of files. */
export const personName = (organization: string, role: PersonalRole): string => `${organization}-${role}`;

/** The user as the management cluster knows it. The prefix stands for an identity provider, which the sandbox has none of. */
export const userName = (organization: string, role: PersonalRole): string => `sandbox:${personName(organization, role)}`;

/** As many machines as `up` makes at most, and room for one more cluster. @param project id in Keystone */
export function newOrganization(name: string, { project, authUrl }: { readonly project: string; readonly authUrl: string }): KubeObject {
  return {
    apiVersion, kind: 'Organization', metadata: { name },
    spec: {
      displayName: `Organization ${name} of the sandbox`,
      contact: { email: `${name}@sandbox.example` },
      members: personalRoles.map((role) => ({ kind: 'User', name: userName(name, role), role })),
      identities: [{ name: 'cloud', project, authUrl }],
      quota: { clusters: 2, machines: 3 + maxWorkers, loadBalancers: 2 },
      defaults: {
        classRef: { name: clusterClassName }, version: defaultShape.kubernetesVersion, image: nodeImage(defaultShape.kubernetesVersion), externalNetwork: 'external',
        controlPlane: { flavor: 'k.small' }, worker: { flavor: 'k.medium' },
      },
    },
  };
}
