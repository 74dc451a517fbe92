/** The variable `bastion`: the only way to a node's SSH. */
import { z } from 'zod';
import { ipv4, resourceName } from './fields.ts';

export const bastion = z
  .object({
    enabled: z.boolean().default(true).describe('A small server with a floating IP; nodes have none and take SSH from it alone. May be switched off and on again.'),
    flavor: resourceName.optional().describe("Nova flavor. Not given: the control plane's."),
    image: resourceName.optional().describe("Glance image by name. Not given: the control plane's."),
    sshKey: resourceName.optional().describe('Nova key pair of the bastion. Not given: `os.sshKey`; without either, whom the image lets in.'),
    zone: resourceName.optional().describe('Availability zone. Not given: Nova decides.'),
    floatingIp: ipv4.optional().describe('A floating IP of the project that is kept when the bastion goes. Not given: one is made.'),
  })
  .describe('The bastion. A change makes it anew and touches no node.');
