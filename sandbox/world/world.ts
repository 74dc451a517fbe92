/** The running world: its parts in their order, its relays, and what the control interface can ask of it. */
import type { Controlled } from './control-server.ts';
import type { ExecRequest, ExecResult, RelayRequest, RelayStatus, WorldStatus } from './control-api.ts';
import { readFaultRule, type ActiveFault, type CallCount } from '../openstack/index.ts';
import type { FaultRequest, FaultStatus, HealedFault } from '../faults/request.ts';
import type { Parts } from './parts.ts';
import type { Relays } from './relays.ts';

export interface WorldOptions {
  readonly id: string;
  readonly parts: Parts;
  readonly relays: Relays;
  readonly startedAt: string;
  /** Doors that are open in every world. */
  readonly standingRelays: readonly RelayRequest[];
  /** Called once by `POST /stop`. */
  readonly onStop: () => void;
}

export class World implements Controlled {
  readonly #options: WorldOptions;
  #phase: WorldStatus['phase'] = 'starting';

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  /** The network first, then what has addresses on it, then the doors to it. */
  async start(): Promise<void> {
    const { parts, relays, standingRelays } = this.#options;
    await parts.fabric.start();
    await Promise.all([parts.cloud.start(), parts.pager.start(), parts.time.start()]);
    parts.faults.start();
    for (const relay of standingRelays) await relays.add(relay);
    this.#phase = 'ready';
  }

  /**
   * In the opposite order: nothing loses the network while it still works. Every part is stopped, whatever another fails with.
   * @param then `forget`: servers and their disks are removed; `resume`: servers lose their power with this process, and the next world goes on
   */
  async end(then: 'forget' | 'resume'): Promise<void> {
    this.#phase = 'stopping';
    const { parts, relays } = this.#options;
    relays.stop();
    const failures: unknown[] = [];
    for (const part of then === 'forget' ? [parts.faults, parts.cloud, parts.machines, parts.pager, parts.time, parts.fabric] : [parts.faults, parts.cloud, parts.pager]) {
      await part.stop().catch((error: unknown) => { failures.push(error); });
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('; '));
  }

  status(): WorldStatus {
    const { id, parts, relays, startedAt } = this.#options;
    const servers = parts.machines.servers();
    return {
      id, phase: this.#phase, startedAt, relays: relays.list(), servers,
      counts: { ...parts.fabric.counts(), servers: servers.length, openPages: parts.pager.openPages() },
      process: { pid: process.pid, residentBytes: process.memoryUsage.rss() },
    };
  }

  addRelay(request: RelayRequest): Promise<RelayStatus> {
    return this.#options.relays.add(request);
  }

  removeRelay(name: string): Promise<boolean> {
    return this.#options.relays.remove(name);
  }

  exec(serverId: string, request: ExecRequest): Promise<ExecResult> {
    return this.#options.parts.machines.exec(serverId, request);
  }

  console(serverId: string, lines?: number): Promise<string> {
    return this.#options.parts.machines.console(serverId, lines);
  }

  calls(): readonly CallCount[] {
    return this.#options.parts.cloud.calls();
  }

  breakApi(rule: unknown): ActiveFault {
    return this.#options.parts.cloud.faults.add(readFaultRule(rule));
  }

  apiFaults(): readonly ActiveFault[] {
    return this.#options.parts.cloud.faults.list();
  }

  healApi(name?: string): readonly ActiveFault[] {
    const { faults } = this.#options.parts.cloud;
    return name === undefined ? faults.heal() : [faults.remove(name)];
  }

  break(request: FaultRequest): Promise<FaultStatus> {
    return this.#options.parts.faults.break(request);
  }

  faults(): Promise<readonly FaultStatus[]> {
    return this.#options.parts.faults.list();
  }

  async heal(id?: string): Promise<readonly HealedFault[]> {
    const { faults } = this.#options.parts;
    return id === undefined ? faults.healAll() : [await faults.heal(id)];
  }

  stop(): void {
    this.#phase = 'stopping';
    this.#options.onStop();
  }
}
