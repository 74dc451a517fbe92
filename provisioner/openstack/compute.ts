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
  'os-extended-volumes:volumes_attached': z.array(z.looseObject({ id: z.string() })).default([]),
  /** Since microversion 2.47 the flavor is shown as it was when the server was made. RAM in MiB. */
  flavor: z.looseObject({ original_name: z.string(), vcpus: z.number(), ram: z.number() }),
});
const flavor = z.looseObject({ id: z.string(), name: z.string(), vcpus: z.number(), ram: z.number(), disk: z.number().default(0) });

const serverGroup = z.looseObject({ id: z.string(), name: z.string(), members: z.array(z.string()).default([]) });
const keyPair = z.looseObject({ keypair: z.looseObject({ name: z.string() }) });

export type ServerGroupRecord = z.output<typeof serverGroup>;
export type ServerRecord = z.output<typeof server>;
export type FlavorRecord = z.output<typeof flavor>;

export interface ComputeLimits {
  readonly instances: Quota;
  readonly cores: Quota;
  readonly ramMb: Quota;
  readonly serverGroups: Quota;
  /** The most servers in one group; -1: no limit. */
  readonly serverGroupMembers: number;
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

  /** Names of the user's key pairs: they belong to the user, not to the project. */
  async keyPairs(call: Call = {}): Promise<string[]> {
    const items = await listAll(this.#session, 'compute', { path: '/os-keypairs', name: 'keypairs' }, { ...call, headers: microversion });
    return items.map((item) => checked(keyPair, item, 'GET /os-keypairs').keypair.name);
  }

  async serverGroups(call: Call = {}): Promise<ServerGroupRecord[]> {
    const items = await listAll(this.#session, 'compute', { path: '/os-server-groups', name: 'server_groups' }, { ...call, headers: microversion });
    return items.map((item) => checked(serverGroup, item, 'GET /os-server-groups'));
  }

  /** @param policy `soft-anti-affinity` needs microversion 2.15; with 2.64 a group has one policy, not a list */
  async createServerGroup(name: string, policy: 'soft-anti-affinity' | 'anti-affinity', call: Call = {}): Promise<ServerGroupRecord> {
    const answer = (await this.#session.call('compute', 'POST', '/os-server-groups', { ...call, headers: microversion, body: { server_group: { name, policy } } })) as { server_group?: unknown } | undefined;
    return checked(serverGroup, answer?.server_group, 'POST /os-server-groups');
  }

  deleteServerGroup(id: string, call: Call = {}): Promise<Deletion> {
    return deleted(this.#session.call('compute', 'DELETE', `/os-server-groups/${id}`, { ...call, headers: microversion }));
  }

  /** Limits of the session's project; -1 is none. RAM in MiB. */
  async limits(call: Call = {}): Promise<ComputeLimits> {
    const answer = await this.#session.call('compute', 'GET', '/limits', { ...call, headers: microversion });
    const { absolute } = checked(z.looseObject({ limits: z.looseObject({ absolute: z.record(z.string(), z.number()) }) }), answer, 'GET /limits').limits;
    const of = (max: string, used: string): { limit: number; used: number } => ({ limit: absolute[max] ?? -1, used: absolute[used] ?? 0 });
    return {
      instances: of('maxTotalInstances', 'totalInstancesUsed'), cores: of('maxTotalCores', 'totalCoresUsed'), ramMb: of('maxTotalRAMSize', 'totalRAMUsed'),
      serverGroups: of('maxServerGroups', 'totalServerGroupsUsed'), serverGroupMembers: absolute['maxServerGroupMembers'] ?? -1,
    };
  }
}
