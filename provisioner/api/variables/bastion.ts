/** The variable `bastion`: the only way to a node's SSH. */
import { z } from 'zod';
import { rules } from '../openapi.ts';
import { ipv4, ipv4Cidr, resourceName } from './fields.ts';

export const bastion = z
  .object({
    enabled: z.boolean().default(true).describe('A small server with a floating IP; nodes have none and take SSH from it alone. May be switched off and on again.'),
    flavor: resourceName.optional().describe("Nova flavor. Not given: the control plane's."),
    image: resourceName.optional().describe("Glance image by name. Not given: the control plane's."),
    sshKey: resourceName.optional().describe('Nova key pair of the bastion. Not given: `os.sshKey`; without either, whom the image lets in.'),
    zone: resourceName.optional().describe('Availability zone. Not given: Nova decides.'),
    allowedCidrs: z
      .array(ipv4Cidr)
      .max(32)
      .default([])
      .meta(rules({ rule: 'self.all(range, self.exists_one(other, other == range))', message: 'ranges must not repeat' }))
      .describe('Who may reach its SSH. Empty: everybody. A list that changes touches rules alone; the first range, and the last that goes, make the bastion anew.'),
    floatingIp: ipv4.optional().describe('A floating IP of the project that is kept when the bastion goes. Not given: one is made.'),
  })
  .describe('The bastion. A change makes it anew and touches no node.');
