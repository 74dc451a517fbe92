/** The variable `worker`: what all worker groups share, and what a group may say of its own. */
import { z } from 'zod';
import { extraVolumes, nodeLabels, nodeTaints, resourceName, rootVolume, serverGroup } from './fields.ts';

/**
 * No defaults here: Cluster API writes defaults into a group's override too, where they would hide what was said for
 * the whole cluster.
 */
export const worker = z
  .object({
    flavor: resourceName.optional().describe("Nova flavor. Not given: the cluster-wide one, else the control plane's."),
    image: resourceName.optional().describe("Glance image by name. Not given: the cluster-wide one, else the control plane's."),
    allowSmall: z.boolean().optional().describe('Take flavors below 4 cores or 8 GiB, on which system pods leave little room.'),
    rootVolume: rootVolume.optional().describe("Boot from a volume. Not given: from the flavor's disk."),
    volumes: extraVolumes.optional().describe('Further volumes.'),
    serverGroup: serverGroup.optional().describe("How the servers of a group are kept on different hosts: where it can be done (the default), strictly, or not at all. Nova's quota `server_group_members` is the most servers a group can have."),
    labels: nodeLabels.optional().describe('Labels of the Nodes.'),
    taints: nodeTaints.optional().describe('Taints of the Nodes when they register.'),
  })
  .describe('Worker servers; a MachineDeployment may override single fields. The zone of a group is its failureDomain.');
