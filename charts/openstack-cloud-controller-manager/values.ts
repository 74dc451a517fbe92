/** Values of the chart openstack-cloud-controller-manager. */
import { z } from 'zod';
import { image, placement, resources } from '../render/fragments.ts';

export const values = z.object({
  image: image('registry.k8s.io', 'provider-os/openstack-cloud-controller-manager', 'v1.36.0'),
  clusterName: z.string().min(1).max(63).default('kubernetes').describe('Part of the names of load balancers (kube_service_<clusterName>_…): must be unique in the OpenStack project.'),
  podCidrs: z.array(z.string()).default([]).describe('Networks of the pods. With one, and a router-id in cloud.conf, routes to the pods of each node are set in the router; none: no routes.'),
  routeReconciliationPeriod: z.string().regex(/^[0-9]+s$/).default('10s').describe('How often routes are compared with the nodes; a new node waits up to that long for its route.'),
  cloudConfig: z
    .object({
      secretName: z.string().min(1).default('cloud-config').describe('Secret with the keys cloud.conf and, for a private CA, ca.crt. Made by the Keelson operator or by you.'),
      checksum: z.string().default('').describe('Changes with the content of the Secret, so that the pods start anew.'),
    })
    .prefault({})
    .describe('How the cloud is reached.'),
  verbosity: z.int().min(0).max(10).default(2).describe('Log level, 0 to 10.'),
  resources: resources({ cpu: '50m', memory: '64Mi' }, { memory: '512Mi' }),
  ...placement([
    // Also those that people give their control planes: without it no node of the cluster is ever initialized.
    { operator: 'Exists' },
  ]),
});
