/** The variable `controlPlane`: the servers that run etcd and the API server. */
import { z } from 'zod';
import { immutable, rules } from '../openapi.ts';
import { etcdVolume, extraVolumes, nodeLabels, nodeTaints, resourceName, rootVolume, serverGroup, usualServerGroup } from './fields.ts';

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
    rootVolume: rootVolume.optional().describe("Boot from a volume. Not given: from the flavor's disk."),
    etcdVolume: etcdVolume
      .optional()
      .meta(rules(immutable('the volume of etcd', 'etcd and its data')))
      .describe("A volume for etcd's data. Not given: they are on the root disk."),
    volumes: extraVolumes.default([]).describe('Further volumes.'),
    serverGroup: serverGroup
      .default(usualServerGroup)
      .describe('How the servers are kept on different hosts: where it can be done, strictly, or not at all. The group is made and removed with the cluster.'),
    labels: nodeLabels.default([]).describe('Labels of the Nodes.'),
    taints: nodeTaints.optional().describe("Further taints of the Nodes when they register, beside the control plane's own. The cluster's own components bear them; what else is to run here has to."),
    schedulable: z.boolean().default(false).describe("Let pods of users run here: without the control plane's own taint."),
    rollBeforeExpiryDays: z.int().min(7).max(180).default(60).describe('Days before the certificates of a control plane end (kubeadm gives them a year) at which its machines are replaced one by one.'),
  })
  .describe('The control plane servers.');
