/** The variable `cilium`: how the pod network is carried, as far as machines and security groups must know. */
import { z } from 'zod';
import { immutable, rules } from '../openapi.ts';

export const cilium = z
  .object({
    tunnel: z
      .enum(['vxlan', 'geneve', 'none'])
      .default('vxlan')
      .meta(rules(immutable('the tunnel of the pod network', 'the pod network')))
      .describe('How pod packets travel between nodes: UDP 8472, UDP 6081, or by routes of the network.'),
    encryption: z.enum(['none', 'wireguard']).default('none').describe('WireGuard between nodes: UDP 51871.'),
    hubble: z.boolean().default(true).describe('Flow logs over TCP 4244 between nodes.'),
    kubeProxy: z
      .enum(['keep', 'replace'])
      .default('keep')
      .meta(rules(immutable('who serves Services', 'the way every node reaches Services')))
      .describe('Whether kubeadm installs kube-proxy, or Cilium takes its place.'),
  })
  .describe('The pod network. Pod and Service ranges are those of spec.clusterNetwork; two of each make dual stack.');
