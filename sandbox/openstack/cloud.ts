/** Puts the cloud together: state, services, their listeners. Nothing in it knows of Linux; what it makes real goes through the seams. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { systemClock, type Clock, type Random } from './clock.ts';
import { Convergence } from './convergence.ts';
import { pictureOf } from './console/picture.ts';
import { quotaReader } from './console/quota-picture.ts';
import { consoleServer } from './console/server.ts';
import { Background, plausibleDelays, type Core, type Delays, type Log } from './core.ts';
import { FaultBoard } from './faults/board.ts';
import { cinder } from './cinder/service.ts';
import { VolumeLife } from './cinder/volume-life.ts';
import { glance } from './glance/service.ts';
import { AccessLog, type CallCount } from './http/access-log.ts';
import { createServiceServer } from './http/server.ts';
import { serviceNames, type Service, type ServiceName } from './http/service.ts';
import { keystone } from './keystone/service.ts';
import { authenticate } from './keystone/tokens.ts';
import { registerNeutron } from './neutron/fabric-sync.ts';
import { neutron } from './neutron/service.ts';
import { ServerLife } from './nova/server-life.ts';
import { nova } from './nova/service.ts';
import { registerOctavia } from './octavia/provisioning.ts';
import { octavia } from './octavia/service.ts';
import { noOpStorage } from './no-op.ts';
import type { Fabric, Hypervisor, Storage } from './seams.ts';
import { cloudsOf, defaultSeed, plant, replant, type Seed } from './seed.ts';
import { emptyState, type CloudState } from './state.ts';
import type { CloudStore } from './store/store.ts';

/** The usual ports. */
export const usualPorts: Readonly<Record<ServiceName, number>> = { identity: 5000, compute: 8774, network: 9696, image: 9292, 'load-balancer': 9876, volumev3: 8776 };

const keepEveryMs = 200;

type Listener = ServiceName | 'admin' | 'console';

export interface CloudOptions {
  readonly fabric: Fabric;
  readonly hypervisor: Hypervisor;
  /** Absent: volumes have no content. */
  readonly storage?: Storage;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log: Log;
  readonly listen: {
    /** Address to listen on; also what the catalogue says, unless `publicHost` differs. */
    readonly host: string;
    readonly publicHost?: string;
    /** Those that are not named are the usual ones; 0 takes any free port. `admin` (call counts) and `console` (a page for people) are off unless named. */
    readonly ports?: Partial<Record<Listener, number>>;
  };
  readonly seed?: Partial<Seed>;
  /** Where its records are kept; when there are some already, nothing is seeded. In memory only without one. Closed by `stop`. */
  readonly store?: CloudStore;
  /** As records of an earlier life, without a store. */
  readonly state?: CloudState;
  readonly delays?: Partial<Delays>;
}

export interface Cloud {
  /** Listens and brings the fabric to what the state says. */
  start(): Promise<void>;
  /** Stops listening, ends background work, stops the fabric. Servers are left to the hypervisor's owner. */
  stop(): Promise<void>;
  readonly state: CloudState;
  /** `http://198.51.100.2:5000/v3`, known once started. */
  authUrl(): string;
  addressOf(service: ServiceName): string;
  /** What to write as clouds.yaml (mode 600): holds secrets. */
  clouds(): { clouds: Record<string, object> };
  /** Starts a server that is SHUTOFF, as os-start does, whoever asks; nothing to do for others. */
  powerOn(serverId: string): void;
  calls(): CallCount[];
  resetCalls(): void;
  /** What goes wrong with its API because someone asked for it. */
  readonly faults: FaultBoard;
  /** Where `GET /_keelson/calls` is answered; undefined when the admin port is off. */
  adminAddress(): string | undefined;
  /** Where people see the cloud; undefined when that port is off. */
  consoleAddress(): string | undefined;
}

export function createCloud(options: CloudOptions): Cloud {
  const seed: Seed = { ...defaultSeed(), ...options.seed };
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const { log, fabric, hypervisor, listen } = options;
  const servers = new Map<Listener, Server>();
  const earlier = options.store?.load(emptyState(seed.region, seed.zones)) ?? options.state;
  const state = earlier ?? emptyState(seed.region, seed.zones);
  const commit = (): void => { options.store?.commit(state); };
  const core: Core = {
    state, clock, random, log, fabric, hypervisor, storage: options.storage ?? noOpStorage(),
    convergence: new Convergence({ clock, random, log }),
    accessLog: new AccessLog(),
    faults: new FaultBoard({ clock, random }),
    delays: { ...plausibleDelays, ...options.delays },
    background: new Background(log),
    addressOf: (service) => `http://${listen.publicHost ?? listen.host}:${portOf(servers.get(service))}`,
  };
  if (!earlier) plant(core, seed);
  else if (options.store) replant(core, seed);
  const volumes = new VolumeLife(core);
  const life = new ServerLife(core, volumes);
  let keeping: NodeJS.Timeout | undefined;
  const services = [keystone(core), nova(core, life), neutron(core), glance(core), octavia(core), cinder(core, volumes)];
  const quotas = quotaReader(services, (projectId) => membersOf(state, projectId));
  const addressOfListener = (name: Listener): string | undefined => {
    const server = servers.get(name);
    return server && `http://${listen.publicHost ?? listen.host}:${portOf(server)}`;
  };
  return {
    state,
    faults: core.faults,
    start: async () => {
      registerNeutron(core);
      registerOctavia(core);
      life.watch();
      markAll(core);
      if (earlier) for (const service of services) service.resume?.();
      commit();
      for (const name of serviceNames) {
        const service = services.find((one) => one.name === name);
        if (service) servers.set(name, serviceServer(core, service, commit));
      }
      if (listen.ports?.admin !== undefined) servers.set('admin', adminServer(core.accessLog));
      if (listen.ports?.console !== undefined) servers.set('console', consoleServer(() => pictureOf(core, quotas)));
      await Promise.all([...servers].map(([name, server]) => listenOn(server, listen.host, listen.ports?.[name] ?? (name === 'admin' || name === 'console' ? 0 : usualPorts[name]))));
      // What changes by itself is kept soon; whoever asks for it before gets it kept first.
      if (options.store) keeping = setInterval(() => { keep(commit, log); }, keepEveryMs).unref();
    },
    stop: async () => {
      core.faults.heal();
      await Promise.all([...servers.values()].map(close));
      await core.background.stop();
      await core.convergence.stop();
      clearInterval(keeping);
      if (options.store) {
        keep(commit, log);
        options.store.close();
      }
      await fabric.stop();
    },
    authUrl: () => `${core.addressOf('identity')}/v3`,
    addressOf: core.addressOf,
    clouds: () => cloudsOf(seed, `${core.addressOf('identity')}/v3`),
    powerOn: (id) => {
      const server = core.state.nova.servers[id];
      if (server?.vmState === 'stopped' && server.taskState === null) life.power(server, 'powering-on', () => hypervisor.startServer(id), { vmState: 'active', powerState: 1 });
    },
    calls: () => core.accessLog.calls(),
    resetCalls: () => core.accessLog.reset(),
    adminAddress: () => addressOfListener('admin'),
    consoleAddress: () => addressOfListener('console'),
  };
}

/** Users with a role in a project. */
function membersOf({ keystone }: CloudState, projectId: string): { id: string; name: string }[] {
  const ids = new Set(keystone.assignments.filter((one) => one.project_id === projectId).map((one) => one.user_id));
  return Object.values(keystone.users).filter(({ id }) => ids.has(id)).map(({ id, name }) => ({ id, name }));
}

function serviceServer(core: Core, service: Service, commit: () => void): Server {
  return createServiceServer({
    service, log: core.log, accessLog: core.accessLog, faults: core.faults, clock: core.clock, random: core.random, commit,
    authenticate: (headers, call) => authenticate(core, headers, { service: service.name, ...call }), requestId: () => `req-${randomUUID()}`,
    projectName: (id) => core.state.keystone.projects[id]?.name ?? '',
  });
}

/** A full disk must not end the cloud: calls are answered with 500 until there is room again. */
function keep(commit: () => void, log: Log): void {
  try {
    commit();
  } catch (error) {
    log.error({ error: String(error) }, 'records were not written');
  }
}

/** `GET /_keelson/calls` counts, `DELETE` starts them anew. */
function adminServer(accessLog: AccessLog): Server {
  return createServer((request, response) => {
    request.resume();
    if (request.url !== '/_keelson/calls') {
      response.writeHead(404).end();
    } else if (request.method === 'DELETE') {
      accessLog.reset();
      response.writeHead(204).end();
    } else {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ calls: accessLog.calls() }));
    }
  });
}

/** After a start everything the state knows is brought to the fabric. */
function markAll(core: Core): void {
  for (const id of Object.keys(core.state.neutron.networks)) core.convergence.mark('network', id);
  for (const id of Object.keys(core.state.neutron.routers)) core.convergence.mark('router', id);
  for (const id of Object.keys(core.state.octavia.loadBalancers)) core.convergence.mark('loadBalancer', id);
}

function listenOn(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  return isAddressInfo(address) ? address.port : 0;
}

function isAddressInfo(address: string | AddressInfo | null | undefined): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
