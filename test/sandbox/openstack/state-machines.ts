/** The simulation under random commands, with seams that take their time and fail: properties of its state at every step and at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseClouds, Session } from '../../../provisioner/openstack/index.ts';
import { defaultSeed, noOpStorage, openStore, type CloudState, type Seed, type Storage } from '../../../sandbox/openstack/index.ts';
import { callOf, command, type Call, type Command } from './commands.ts';
import { recorded, start, until, type Recorded, type Running } from './fixture.ts';
import { IdWatch, illegal, pending } from './legal.ts';
import { overQuota, quotaCall } from './quotas.ts';

export interface Properties { readonly runs: number; readonly seed: number }

/** Kinds of commands by the status they were answered with. */
export type Distribution = Map<string, number>;

/** One client after another: nothing illegal at any step, no 5xx, quotas hold, networks with ports stay, ids are new; a restart at the end keeps all. */
export async function oneAfterAnother({ runs, seed }: Properties): Promise<Distribution> {
  const seen: Distribution = new Map();
  await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 15, maxLength: 45 }), fc.nat(), async (commands, chance) => {
    const trial = await Trial.begin(chance);
    try {
      for (const one of commands) await trial.step(one, seen);
      await trial.end();
    } finally {
      await trial.stop();
    }
  }), { numRuns: runs, seed, endOnFailure: true });
  return seen;
}

/** The same events in any order of arrival, all at once: a legal state, and every pending state ends. */
export async function allAtOnce({ runs, seed }: Properties): Promise<Distribution> {
  const seen: Distribution = new Map();
  const orders = fc.array(command, { minLength: 10, maxLength: 25 }).chain((commands) => fc.tuple(fc.constant(commands), fc.shuffledSubarray(commands, { minLength: commands.length })));
  await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 10, maxLength: 20 }), orders, fc.nat(), async (before, [written, arriving], chance) => {
    for (const order of [written, arriving]) {
      const trial = await Trial.begin(chance);
      try {
        for (const one of before) await trial.step(one, seen);
        await Promise.all(order.map((one) => trial.step(one, seen, { isAlone: false })));
        await trial.end();
      } finally {
        await trial.stop();
      }
    }
  }), { numRuns: runs, seed, endOnFailure: true });
  return seen;
}

export function lines(distribution: Distribution): string {
  return [...distribution].sort(([a], [b]) => a.localeCompare(b)).map(([what, count]) => `${what} ${count}`).join(', ');
}

/** So that commands have something to be about: a routed network, a server with a volume, a load balancer with a pool, a group, a trunk. */
const prelude: readonly Command[] = (['makeNetwork', 'makeSubnet', 'makeRouter', 'addInterface', 'makePort', 'makeServer', 'makeFloating', 'makeLoadBalancer', 'addPool', 'addListener', 'addMember', 'makeVolume', 'makeGroup', 'addVolume', 'makePort', 'makeTrunk'] as const)
  .map((kind) => ({ kind, a: 0, b: 0 }));

class Trial {
  readonly #folder: string;
  readonly #seams: Troubled;
  readonly #ids = new IdWatch();
  readonly #seed: Seed;
  #running: Running;
  #client: Session;

  private constructor(folder: string, seams: Troubled, { running, seed }: { running: Running; seed: Seed }) {
    this.#folder = folder;
    this.#seams = seams;
    this.#running = running;
    this.#seed = seed;
    this.#client = clientOf(running);
  }

  static async begin(chance: number): Promise<Trial> {
    const folder = mkdtempSync(join(tmpdir(), 'trial-'));
    const seams = troubled(chances(chance));
    const seed = defaultSeed();
    const running = await start(seams, { store: openStore(join(folder, 'cloud.db')), seed, storage: seams.storage, delays });
    const trial = new Trial(folder, seams, { running, seed });
    for (const one of prelude) {
      await trial.step(one, new Map());
      await trial.#settled('of the prelude');
    }
    return trial;
  }

  async step(one: Command, seen: Distribution, { isAlone = true } = {}): Promise<void> {
    const { state } = this.#running.cloud;
    const call = callOf(one, state);
    const networkId = one.kind === 'deleteNetwork' ? call?.path.split('/').at(-1) ?? '' : '';
    const hadPorts = Object.values(state.neutron.ports).some((port) => port.network_id === networkId && port.device_owner !== 'network:distributed');
    const status = call ? (await this.#client.exchange(call.service, call.method, call.path, call.body ? { body: call.body } : {})).status : await this.#byItself(one);
    const key = `${one.kind} ${status}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
    if (status >= 500) throw new Error(`${key}: ${JSON.stringify(call)}\n${this.#running.logs.join('\n')}`);
    if (isAlone && networkId !== '' && hadPorts && (status !== 409 || !(networkId in state.neutron.networks))) throw new Error(`a network with ports was deleted: ${status}`);
    // Among calls at once, a quota may have been lowered between a create and this look at it.
    this.#judge(one.kind, isAlone ? call : undefined, status);
  }

  /** Everything comes to its end; then the cloud stops, and another goes on with its records. */
  async end(): Promise<void> {
    await this.#settled('before the restart');
    const before = tables(this.#running);
    await this.#running.stop();
    this.#client.close();
    this.#running = await start(this.#seams, { store: openStore(join(this.#folder, 'cloud.db')), seed: this.#seed, storage: this.#seams.storage, delays });
    this.#client = clientOf(this.#running);
    await this.#settled('after the restart');
    const lost = before.filter((id) => !tables(this.#running).includes(id));
    if (lost.length > 0) throw new Error(`lost with the restart: ${lost.join(', ')}`);
    this.#judge('restart', undefined, 0);
  }

  async stop(): Promise<void> {
    this.#client.close();
    await this.#running.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #settled(when: string): Promise<void> {
    await until(`all pending states end ${when}: ${pending(this.#running.cloud.state).join(', ')}`, () => pending(this.#running.cloud.state).length === 0);
  }

  /** What no client asks for; a new quota is the administrator's. @returns 0, or the status of the administrator's call */
  async #byItself({ kind, a, b }: Command): Promise<number> {
    const { state } = this.#running.cloud;
    const server = Object.keys(state.nova.servers)[a];
    const member = Object.keys(state.octavia.members)[a];
    if (kind === 'serverExits' && server !== undefined) this.#seams.exit(server);
    if (kind === 'memberSick' && member !== undefined) this.#seams.health(member, b % 2 === 0 ? 'ERROR' : 'ONLINE');
    if (kind !== 'setQuota') return 0;
    const { service, method, path, body } = quotaCall(a + 8 * (b % 3), b, projectOf(state));
    return (await this.#running.admin.exchange(service, method, path, { body })).status;
  }

  #judge(what: string, call: Call | undefined, status: number): void {
    const { state } = this.#running.cloud;
    const wrong = [...illegal(state), ...this.#ids.look(state).map((id) => `id ${id} is given out again`), ...(call?.method === 'POST' && status < 300 ? overQuota(state, projectOf(state), call) : [])];
    if (wrong.length > 0) throw new Error(`after ${what}: ${wrong.join('; ')}`);
  }
}

/** No retries: a refusal is an answer. */
function clientOf(running: Running): Session {
  return new Session({ cloud: parseClouds(stringify(running.cloud.clouds()), 'keelson'), userAgent: 'trial/1', attempts: 1 });
}

const projectOf = (state: CloudState): string => Object.values(state.keystone.projects).find((one) => one.name === 'keelson')!.id;

const tables = ({ cloud: { state } }: Running): string[] => [state.neutron.networks, state.neutron.subnets, state.neutron.routers, state.neutron.ports, state.neutron.floatingIps, state.neutron.trunks, state.nova.servers, state.nova.serverGroups, state.octavia.loadBalancers, state.cinder.volumes, state.cinder.snapshots]
  .flatMap((table) => Object.keys(table)).sort();

const delays = { scheduleMs: 1, loadBalancerMs: 1, volumeMs: 1 };

type Troubled = Recorded & { readonly storage: Storage };

/** Seams that take up to three milliseconds; one boot of five fails, of attachments, detachments and changes of storage one of ten, one change of a load balancer of ten at first. */
function troubled(random: () => number): Troubled {
  const r = recorded();
  const pause = () => new Promise<void>((resolve) => { setTimeout(resolve, random() * 3); });
  const troubledBy = (chance: number, reason: string) => async () => {
    await pause();
    if (random() < chance) throw new Error(reason);
  };
  r.boot = troubledBy(0.2, 'no valid host');
  r.ensureLoadBalancer = troubledBy(0.1, 'not now');
  for (const act of ['reboot', 'stopServer', 'startServer', 'destroy'] as const) Object.assign(r.hypervisor, { [act]: pause });
  for (const act of ['attachVolume', 'detachVolume'] as const) Object.assign(r.hypervisor, { [act]: troubledBy(0.1, 'busy') });
  const storage = noOpStorage();
  for (const act of ['create', 'extend', 'snapshot', 'remove'] as const) Object.assign(storage, { [act]: troubledBy(0.1, 'no space') });
  return Object.assign(r, { storage });
}

/** A generator of its own, so that fast-check can play a failure again (mulberry32). */
function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
