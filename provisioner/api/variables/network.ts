/** The variable `network`: the network of the nodes, made for the cluster or given. */
import { z } from 'zod';
import { immutable, rules } from '../openapi.ts';
import { address, byFirstAddress, cidr, ipv4, ipv4Cidr, reference } from './fields.ts';

const whole = 'the network, the load balancer and every server';

const existing = z
  .object({
    network: reference('network').describe('The network of the nodes.'),
    subnets: z.array(reference('subnet').describe('A subnet of it.')).min(1).max(2).describe('One IPv4 subnet; for dual stack one of IPv6 beside it.'),
    router: reference('router').optional().describe('The router that leads to the external network. Not given: the one the subnet is plugged into.'),
  })
  .optional()
  .meta(rules(immutable('the existing network', whole)))
  .describe('A network that is there already and is left alone. Not given: network, subnet and router are made.');

const route = z.object({
  destination: ipv4Cidr.meta(rules(byFirstAddress, { rule: 'cidr(self).prefixLength() > 0', message: 'the default route leads to the external network' })).describe('Range that is reached by it, by its first address.'),
  nextHop: ipv4.describe('Address of the gateway: in the subnet of the nodes, or in the external network.'),
});

export const network = z
  .object({
    externalNetwork: reference('external network', immutable('the external network', 'the router and every floating IP'))
      .optional()
      .describe('Network floating IPs come from and routers lead to. Not given: the only external network there is.'),
    nodeCidr: cidr
      .default('10.6.0.0/24')
      .meta(
        rules(
          { rule: 'isCIDR(self) && cidr(self).ip().family() == 4 && cidr(self).prefixLength() <= 28', message: 'must be an IPv4 CIDR of /28 or wider' },
          immutable('the subnet of the nodes', whole),
        ),
      )
      .describe('IPv4 subnet of the nodes: created for this cluster, or with `existing` the one that is there.'),
    dnsServers: z.array(address).max(5).default([]).describe('DNS servers of the subnet that is made. None: those of the cloud.'),
    mtu: z.int().min(1280).max(9000).optional().meta(rules(immutable('the MTU', whole))).describe("MTU of the network that is made. Not given: the cloud's."),
    routes: z
      .array(route)
      .max(30)
      .default([])
      .meta(rules({ rule: 'self.all(route, self.exists_one(other, other.destination == route.destination))', message: 'destinations must not repeat' }))
      .describe("Further routes of the cluster's router, to networks behind another gateway (a VPN, a data centre), for nodes and pods. The operator keeps them; a change touches no machine."),
    existing,
  })
  .meta(
    rules(
      { rule: '!has(self.existing) || !has(self.mtu)', message: 'the MTU of an existing network is its own' },
      { rule: '!has(self.existing) || self.dnsServers.size() == 0', message: 'the DNS servers of an existing subnet are its own' },
      { rule: '!has(self.existing) || self.routes.size() == 0', message: 'the routes of an existing network are its own' },
    ),
  )
  .describe("The cluster's own network.");
