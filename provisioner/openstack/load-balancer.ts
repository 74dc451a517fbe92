/** Octavia, the calls we make: https://docs.openstack.org/api-ref/load-balancer/v2/ */
import { z } from 'zod';
import { listAll } from './collection.ts';
import { checked, deleted, type Deletion } from './network.ts';
import type { CallOptions, Session } from './session.ts';

const loadBalancer = z.looseObject({
  id: z.string(), name: z.string(), provisioning_status: z.string(), operating_status: z.string(), provider: z.string().nullable(), vip_address: z.string(),
  vip_port_id: z.string(), vip_subnet_id: z.string().nullable(), tags: z.array(z.string()).default([]),
});
const provider = z.looseObject({ name: z.string(), description: z.string().default('') });

const named = z.looseObject({ name: z.string(), enabled: z.boolean().default(true) });
const limits = z.looseObject({ quota: z.record(z.string(), z.number().nullable()) });

export type LoadBalancerRecord = z.output<typeof loadBalancer>;
export type ProviderRecord = z.output<typeof provider>;

type Call = Pick<CallOptions, 'signal'>;

export class LoadBalancer {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async loadBalancers(query: Record<string, string>, call: Call = {}): Promise<LoadBalancerRecord[]> {
    const items = await listAll(this.#session, 'load-balancer', { path: '/v2.0/lbaas/loadbalancers', name: 'loadbalancers' }, { ...call, query });
    return items.map((item) => checked(loadBalancer, item, 'GET /v2.0/lbaas/loadbalancers'));
  }

  async providers(call: Call = {}): Promise<ProviderRecord[]> {
    const items = await listAll(this.#session, 'load-balancer', { path: '/v2.0/lbaas/providers', name: 'providers' }, call);
    return items.map((item) => checked(provider, item, 'GET /v2.0/lbaas/providers'));
  }

  /** Names of the flavors that are enabled. */
  flavors = (call: Call = {}): Promise<string[]> => this.#names('flavors', 'flavors', call);
  /** Names of Octavia's own availability zones that are enabled. */
  zones = (call: Call = {}): Promise<string[]> => this.#names('availabilityzones', 'availability_zones', call);

  async #names(path: string, name: string, call: Call): Promise<string[]> {
    const items = await listAll(this.#session, 'load-balancer', { path: `/v2.0/lbaas/${path}`, name }, call);
    return items.map((item) => checked(named, item, `GET /v2.0/lbaas/${path}`)).filter(({ enabled }) => enabled).map((one) => one.name);
  }

  /** Limits of the session's project by resource (`load_balancer`, `listener`, `pool` …); -1 is none. Octavia does not say what is used. */
  async limits(call: Call = {}): Promise<Record<string, number>> {
    const project = await this.#session.projectId(call.signal);
    const path = `/v2.0/lbaas/quotas/${project ?? ''}`;
    const { quota } = checked(limits, await this.#session.call('load-balancer', 'GET', path, call), `GET ${path}`);
    return Object.fromEntries(Object.entries(quota).map(([name, limit]) => [name, limit ?? -1]));
  }

  /** With all its listeners, pools, members and monitors; going when this returns, not gone. @throws CloudError CLOUD_CONFLICT while it is pending */
  async delete(id: string, call: Call = {}): Promise<Deletion> {
    return deleted(this.#session.call('load-balancer', 'DELETE', `/v2.0/lbaas/loadbalancers/${id}`, { ...call, query: { cascade: 'true' } }));
  }
}
