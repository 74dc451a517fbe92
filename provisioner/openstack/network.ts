/** Neutron, the calls we make: https://docs.openstack.org/api-ref/network/v2/ */
import { z } from 'zod';
import { listAll } from './collection.ts';
import { CloudError } from './errors.ts';
import type { CallOptions, Session } from './session.ts';

const tags = z.array(z.string()).default([]);
const network = z.looseObject({ id: z.string(), name: z.string(), status: z.string(), subnets: z.array(z.string()).default([]), mtu: z.number().optional(), tags });
const subnet = z.looseObject({ id: z.string(), name: z.string(), network_id: z.string(), cidr: z.string(), gateway_ip: z.string().nullable(), tags });
const router = z.looseObject({ id: z.string(), name: z.string(), status: z.string(), external_gateway_info: z.looseObject({ network_id: z.string() }).nullable(), tags });
const port = z.looseObject({ id: z.string(), name: z.string(), network_id: z.string(), device_id: z.string(), fixed_ips: z.array(z.object({ subnet_id: z.string(), ip_address: z.string() })), tags });
const floatingIp = z.looseObject({ id: z.string(), floating_ip_address: z.string(), fixed_ip_address: z.string().nullable(), port_id: z.string().nullable(), description: z.string().default(''), tags });

export type NetworkRecord = z.output<typeof network>;
export type SubnetRecord = z.output<typeof subnet>;
export type RouterRecord = z.output<typeof router>;
export type PortRecord = z.output<typeof port>;
export type FloatingIpRecord = z.output<typeof floatingIp>;

type Query = Record<string, string>;
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

  createNetwork = (body: object, call: Call = {}) => this.#create('networks', 'network', network, body, call);
  createSubnet = (body: object, call: Call = {}) => this.#create('subnets', 'subnet', subnet, body, call);
  createRouter = (body: object, call: Call = {}) => this.#create('routers', 'router', router, body, call);
  createPort = (body: object, call: Call = {}) => this.#create('ports', 'port', port, body, call);
  createFloatingIp = (body: object, call: Call = {}) => this.#create('floatingips', 'floatingip', floatingIp, body, call);

  async addRouterInterface(routerId: string, subnetId: string, call: Call = {}): Promise<void> {
    await this.#session.call('network', 'PUT', `/v2.0/routers/${routerId}/add_router_interface`, { ...call, body: { subnet_id: subnetId } });
  }

  /** Replaces all tags of a resource. */
  async setTags(collection: 'networks' | 'subnets' | 'routers' | 'ports' | 'floatingips', id: string, wanted: readonly string[], call: Call = {}): Promise<void> {
    await this.#session.call('network', 'PUT', `/v2.0/${collection}/${id}/tags`, { ...call, body: { tags: wanted } });
  }

  async #list<T>(name: string, schema: z.ZodType<T>, query: Query, call: Call): Promise<T[]> {
    const items = await listAll(this.#session, 'network', { path: `/v2.0/${name}`, name }, { ...call, query });
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
