/** A cloud on free ports whose fabric and hypervisor write down what they are asked for, and a client that speaks to it. */
import { stringify } from 'yaml';
import { createCloud, noOpFabric, noOpHypervisor, type Cloud, type CloudOptions, type Fabric, type Hypervisor, type WantedLoadBalancer, type WantedRouter, type WantedServer } from '../../../sandbox/openstack/index.ts';
import { parseClouds, Session } from '../../../provisioner/openstack/index.ts';

export interface Recorded {
  readonly calls: string[];
  readonly routers: Map<string, WantedRouter>;
  readonly loadBalancers: Map<string, WantedLoadBalancer>;
  readonly boots: WantedServer[];
  readonly fabric: Fabric;
  readonly hypervisor: Hypervisor;
  health: (memberId: string, state: 'ONLINE' | 'ERROR') => void;
  exit: (serverId: string) => void;
  /** Replaced by tests that want trouble. */
  boot: () => Promise<void>;
  revive: (id: string) => Promise<void>;
  ensureLoadBalancer: () => Promise<void>;
}

export function recorded(): Recorded {
  const done = (): Promise<void> => Promise.resolve();
  const r: Recorded = {
    calls: [], routers: new Map(), loadBalancers: new Map(), boots: [], health: () => undefined, exit: () => undefined, boot: done, revive: done, ensureLoadBalancer: done,
    fabric: {
      ...noOpFabric(),
      ensureNetwork: (n) => note(`ensureNetwork ${n.id}`),
      removeNetwork: (id) => note(`removeNetwork ${id}`),
      ensureRouter: (router) => {
        r.routers.set(router.id, router);
        return note(`ensureRouter ${router.id}`);
      },
      removeRouter: (id) => note(`removeRouter ${id}`),
      ensureLoadBalancer: async (lb) => {
        await r.ensureLoadBalancer();
        r.loadBalancers.set(lb.id, lb);
        await note(`ensureLoadBalancer ${lb.id}`);
      },
      removeLoadBalancer: (id) => note(`removeLoadBalancer ${id}`),
      onHealth: (listener) => { r.health = listener; },
    },
    hypervisor: {
      ...noOpHypervisor(),
      boot: async (server) => {
        r.boots.push(server);
        await note(`boot ${server.id}`);
        await r.boot();
      },
      destroy: (id) => note(`destroy ${id}`),
      revive: async (server, power) => {
        await note(`revive ${power} ${server.id}`);
        await r.revive(server.id);
      },
      onExit: (listener) => { r.exit = listener; },
    },
  };
  function note(call: string): Promise<void> {
    r.calls.push(call);
    return done();
  }
  return r;
}

export interface Running {
  readonly cloud: Cloud;
  readonly member: Session;
  readonly admin: Session;
  readonly logs: string[];
  stop(): Promise<void>;
}

export async function start(r: Recorded, options: Partial<CloudOptions> = {}): Promise<Running> {
  const logs: string[] = [];
  const write = (context: object, message: string): void => { logs.push(`${message} ${JSON.stringify(context)}`); };
  const cloud = createCloud({
    fabric: r.fabric, hypervisor: r.hypervisor, log: { info: write, warn: write, error: write }, delays: { scheduleMs: 1, loadBalancerMs: 1 },
    listen: { host: '127.0.0.1', ports: { identity: 0, compute: 0, network: 0, image: 0, 'load-balancer': 0, volumev3: 0, admin: 0, console: 0 } }, ...options,
  });
  await cloud.start();
  const yaml = stringify(cloud.clouds());
  const session = (name: string): Session => new Session({ cloud: parseClouds(yaml, name), userAgent: 'test/1' });
  const [member, admin] = [session('keelson'), session('admin')];
  return {
    cloud, member, admin, logs,
    stop: async () => {
      member.close();
      admin.close();
      await cloud.stop();
    },
  };
}

type Json = Record<string, never>;

/** The object under `key` of an answer. */
export async function made(session: Session, service: 'network' | 'compute' | 'load-balancer', path: string, key: string, body: Record<string, unknown>): Promise<Json> {
  return (await session.call(service, 'POST', path, { body: { [key]: body } }) as Record<string, Json>)[key]!;
}

export async function shown(session: Session, service: 'network' | 'compute' | 'load-balancer', path: string, key: string): Promise<Json> {
  return (await session.call(service, 'GET', path) as Record<string, Json>)[key]!;
}

/** Waits until this holds. */
export async function until(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
