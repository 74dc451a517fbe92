/** Nova, the calls we make: https://docs.openstack.org/api-ref/compute/ */
import { z } from 'zod';
import { listAll } from './collection.ts';
import { checked, deleted, type Deletion, type Quota } from './network.ts';
import type { CallOptions, Session } from './session.ts';

const server = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  fault: z.looseObject({ message: z.string() }).optional(),
  metadata: z.record(z.string(), z.string()).default({}),
});
const flavor = z.looseObject({ id: z.string(), name: z.string(), vcpus: z.number(), ram: z.number() });

export type ServerRecord = z.output<typeof server>;
export type FlavorRecord = z.output<typeof flavor>;

export interface ComputeLimits {
  readonly instances: Quota;
  readonly cores: Quota;
  readonly ramMb: Quota;
}

type Call = Pick<CallOptions, 'signal'>;

/** 2.67: server tags at creation (2.52) and volume types; in every release since Queens (2018). */
const microversion = { 'openstack-api-version': 'compute 2.67' };

export class Compute {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Name is a regular expression to Nova: callers compare again. */
  async servers(query: Record<string, string>, call: Call = {}): Promise<ServerRecord[]> {
    const items = await listAll(this.#session, 'compute', { path: '/servers/detail', name: 'servers' }, { ...call, headers: microversion, query });
    return items.map((item) => checked(server, item, 'GET /servers/detail'));
  }

  async flavors(call: Call = {}): Promise<FlavorRecord[]> {
    const items = await listAll(this.#session, 'compute', { path: '/flavors/detail', name: 'flavors' }, { ...call, headers: microversion });
    return items.map((item) => checked(flavor, item, 'GET /flavors/detail'));
  }

  async server(id: string, call: Call = {}): Promise<ServerRecord> {
    const body = (await this.#session.call('compute', 'GET', `/servers/${id}`, { ...call, headers: microversion })) as { server?: unknown } | undefined;
    return checked(server, body?.server, 'GET /servers/{id}');
  }

  /** Id of the new server; it is being built when this returns. */
  async createServer(body: object, call: Call = {}): Promise<string> {
    const answer = (await this.#session.call('compute', 'POST', '/servers', { ...call, headers: microversion, body: { server: body } })) as { server?: unknown } | undefined;
    return checked(z.looseObject({ id: z.string() }), answer?.server, 'POST /servers').id;
  }

  /** The server is going when this returns, not gone. */
  async deleteServer(id: string, call: Call = {}): Promise<Deletion> {
    return deleted(this.#session.call('compute', 'DELETE', `/servers/${id}`, { ...call, headers: microversion }));
  }

  /** Names of the zones that take servers. */
  async zones(call: Call = {}): Promise<string[]> {
    const answer = await this.#session.call('compute', 'GET', '/os-availability-zone', { ...call, headers: microversion });
    const shape = z.looseObject({ availabilityZoneInfo: z.array(z.looseObject({ zoneName: z.string(), zoneState: z.looseObject({ available: z.boolean() }) })) });
    return checked(shape, answer, 'GET /os-availability-zone').availabilityZoneInfo.filter((one) => one.zoneState.available).map((one) => one.zoneName);
  }

  /** Limits of the session's project; -1 is none. RAM in MiB. */
  async limits(call: Call = {}): Promise<ComputeLimits> {
    const answer = await this.#session.call('compute', 'GET', '/limits', { ...call, headers: microversion });
    const { absolute } = checked(z.looseObject({ limits: z.looseObject({ absolute: z.record(z.string(), z.number()) }) }), answer, 'GET /limits').limits;
    const of = (max: string, used: string): { limit: number; used: number } => ({ limit: absolute[max] ?? -1, used: absolute[used] ?? 0 });
    return { instances: of('maxTotalInstances', 'totalInstancesUsed'), cores: of('maxTotalCores', 'totalCoresUsed'), ramMb: of('maxTotalRAMSize', 'totalRAMUsed') };
  }
}
