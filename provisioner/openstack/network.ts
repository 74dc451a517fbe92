/** Neutron, the calls we make: https://docs.openstack.org/api-ref/network/v2/ */
import { z } from 'zod';
import { listAll } from './collection.ts';
import { CloudError } from './errors.ts';
import type { CallOptions, Session } from './session.ts';

const tags = z.array(z.string()).default([]);
const network = z.looseObject({ id: z.string(), name: z.string(), status: z.string(), 'router:external': z.boolean().default(false), subnets: z.array(z.string()).default([]), mtu: z.number().optional(), tags });
const subnet = z.looseObject({ id: z.string(), name: z.string(), network_id: z.string(), cidr: z.string(), gateway_ip: z.string().nullable(), tags });
const router = z.looseObject({ id: z.string(), name: z.string(), status: z.string(), external_gateway_info: z.looseObject({ network_id: z.string() }).nullable(), routes: z.array(z.object({ destination: z.string(), nexthop: z.string() })).default([]), tags });
const port = z.looseObject({ id: z.string(), name: z.string(), network_id: z.string(), device_id: z.string(), device_owner: z.string().default(''), security_groups: z.array(z.string()).default([]), fixed_ips: z.array(z.object({ subnet_id: z.string(), ip_address: z.string() })), tags });
const text = z.string().nullable();
const securityGroupRule = z.looseObject({ id: z.string(), direction: z.string(), ethertype: text, protocol: text, port_range_min: z.number().nullable(), port_range_max: z.number().nullable(), remote_ip_prefix: text, remote_group_id: text });
const securityGroup = z.looseObject({ id: z.string(), name: z.string(), description: z.string().default(''), security_group_rules: z.array(securityGroupRule).default([]), tags });
const floatingIp = z.looseObject({ id: z.string(), floating_ip_address: z.string(), fixed_ip_address: z.string().nullable(), port_id: z.string().nullable(), description: z.string().default(''), tags });

export type NetworkRecord = z.output<typeof network>;
export type SubnetRecord = z.output<typeof subnet>;
export type RouterRecord = z.output<typeof router>;
export type PortRecord = z.output<typeof port>;
export type SecurityGroupRuleRecord = z.output<typeof securityGroupRule>;
export type SecurityGroupRecord = z.output<typeof securityGroup>;
export type FloatingIpRecord = z.output<typeof floatingIp>;

/** The collections that carry tags. */
export type NetworkCollection = 'networks' | 'subnets' | 'routers' | 'ports' | 'floatingips' | 'security-groups';
/** Limit and use of one resource; a limit of -1 is none. */
export interface Quota {
  readonly limit: number;
  readonly used: number;
}

type Query = Record<string, string | readonly string[]>;
type Call = Pick<CallOptions, 'signal'>;

export class Network {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  networks = (query: Query, call: Call = {}) => this.#list('networks', network, query, call);
  subnets = (query: Query, call: Call = {}) => this.#list('subnets', subnet, query, call);
  routers = (query: Query, call: Call = {}) => this.#list('routers', router, query, call);
  ports = (query: Query, call: Call = {}) => this.#list('ports', port, query, call);
  floatingIps = (query: Query, call: Call = {}) => this.#list('floatingips', floatingIp, query, call);
  securityGroups = (query: Query, call: Call = {}) => this.#list('security-groups', securityGroup, query, call);

  createNetwork = (body: object, call: Call = {}) => this.#create('networks', 'network', network, body, call);
  createSubnet = (body: object, call: Call = {}) => this.#create('subnets', 'subnet', subnet, body, call);
  createRouter = (body: object, call: Call = {}) => this.#create('routers', 'router', router, body, call);
  createPort = (body: object, call: Call = {}) => this.#create('ports', 'port', port, body, call);
  createSecurityGroup = (body: object, call: Call = {}) => this.#create('security-groups', 'security_group', securityGroup, body, call);
  /** @throws CloudError CLOUD_CONFLICT when the group has the rule */
  createSecurityGroupRule = (body: object, call: Call = {}) => this.#create('security-group-rules', 'security_group_rule', securityGroupRule, body, call);
  createFloatingIp = (body: object, call: Call = {}) => this.#create('floatingips', 'floatingip', floatingIp, body, call);

  /** @throws CloudError CLOUD_CONFLICT while something uses it */
  async delete(collection: NetworkCollection | 'security-group-rules', id: string, call: Call = {}): Promise<Deletion> {
    return deleted(this.#session.call('network', 'DELETE', `/v2.0/${collection}/${id}`, call));
  }

  /** null releases the floating IP from its port. */
  async associateFloatingIp(id: string, portId: string | null, call: Call = {}): Promise<void> {
    await this.#session.call('network', 'PUT', `/v2.0/floatingips/${id}`, { ...call, body: { floatingip: { port_id: portId } } });
  }

  /** Limits and use of the session's project by resource: `network`, `router`, `floatingip`, `security_group`, `port` … */
  async quotas(call: Call = {}): Promise<Record<string, Quota>> {
    const project = await this.#session.projectId(call.signal);
    const what = `/v2.0/quotas/${project ?? ''}/details.json`;
    const answer = await this.#session.call('network', 'GET', what, call);
    return checked(z.looseObject({ quota: z.record(z.string(), z.looseObject({ limit: z.number(), used: z.number() })) }), answer, `GET ${what}`).quota;
  }

  async removeRouterInterface(routerId: string, subnetId: string, call: Call = {}): Promise<void> {
    await this.#session.call('network', 'PUT', `/v2.0/routers/${routerId}/remove_router_interface`, { ...call, body: { subnet_id: subnetId } });
  }

  async addRouterInterface(routerId: string, subnetId: string, call: Call = {}): Promise<void> {
    await this.#session.call('network', 'PUT', `/v2.0/routers/${routerId}/add_router_interface`, { ...call, body: { subnet_id: subnetId } });
  }

  /** Joins routes with those a router has, or takes them from it (extension extraroute-atomic): what others write meanwhile stays. @throws CloudError CLOUD_INVALID for a next hop in no subnet of the router */
  async changeRoutes(routerId: string, verb: 'add' | 'remove', routes: readonly { readonly destination: string; readonly nexthop: string }[], call: Call = {}): Promise<void> {
    await this.#session.call('network', 'PUT', `/v2.0/routers/${routerId}/${verb}_extraroutes`, { ...call, body: { router: { routes } } });
  }

  /** Replaces the extra routes of a router. */
  async setRoutes(routerId: string, routes: RouterRecord['routes'], call: Call = {}): Promise<void> {
    await this.#session.call('network', 'PUT', `/v2.0/routers/${routerId}`, { ...call, body: { router: { routes } } });
  }

  /** Replaces all tags of a resource. */
  async setTags(collection: NetworkCollection, id: string, wanted: readonly string[], call: Call = {}): Promise<void> {
    await this.#session.call('network', 'PUT', `/v2.0/${collection}/${id}/tags`, { ...call, body: { tags: wanted } });
  }

  async #list<T>(name: string, schema: z.ZodType<T>, query: Query, call: Call): Promise<T[]> {
    const items = await listAll(this.#session, 'network', { path: `/v2.0/${name}`, name: name.replace('-', '_') }, { ...call, query });
    return items.map((item) => checked(schema, item, `GET /v2.0/${name}`));
  }

  async #create<T>(name: string, key: string, schema: z.ZodType<T>, body: object, call: Call): Promise<T> {
    const answer = await this.#session.call('network', 'POST', `/v2.0/${name}`, { ...call, body: { [key]: body } });
    return checked(schema, (answer as Record<string, unknown> | undefined)?.[key], `POST /v2.0/${name}`);
  }
}

/** The answer in the shape the API reference promises. @throws CloudError CLOUD_FAILED that names the field */
export function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CloudError('CLOUD_FAILED', `${what}: the answer has an unknown shape at "${parsed.error.issues[0]?.path.join('.')}": ${parsed.error.issues[0]?.message}`);
}

/** What became of a delete call: that it was gone already is as good. */
export type Deletion = 'deleted' | 'notFound';

export async function deleted(call: Promise<unknown>): Promise<Deletion> {
  try {
    await call;
    return 'deleted';
  } catch (error) {
    if (error instanceof CloudError && error.code === 'CLOUD_NOT_FOUND') return 'notFound';
    throw error;
  }
}
