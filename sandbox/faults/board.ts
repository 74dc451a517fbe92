/** The active faults of a running world: breaks, shows, heals. In memory, for what a fault touches ends with the world, too; what does not is kept for the next (`remains.ts`). */
import { FaultError } from './errors.ts';
import type { Ground } from './ground.ts';
import { planOf } from './kinds/index.ts';
import { PacketFilter } from './packet-filter.ts';
import type { Plan } from './plan.ts';
import { readKept, writeKept, type KeptFault } from './remains.ts';
import type { FaultRequest, FaultStatus, HealedFault } from './request.ts';
import { Serial } from '../network/serial.ts';

interface Active {
  readonly id: string;
  readonly request: FaultRequest;
  readonly plan: Plan;
  readonly since: Date;
  readonly until: Date | undefined;
  timer: NodeJS.Timeout | undefined;
  trouble: string | undefined;
}

export interface FaultBoardOptions {
  readonly ground: Ground;
  /** Where faults are kept that outlast the world. */
  readonly file: string;
  /** Told what went wrong where nobody waits for an answer: a fault that did not heal by itself, or did not come back after a boot. */
  readonly onTrouble: (message: string) => void;
}

export class FaultBoard {
  readonly #options: FaultBoardOptions;
  readonly #filter: PacketFilter;
  readonly #active = new Map<string, Active>();
  readonly #counts = new Map<string, number>();
  readonly #serial = new Serial();

  constructor(options: FaultBoardOptions) {
    this.#options = options;
    this.#filter = new PacketFilter(options.ground);
  }

  start(): void {
    this.#options.ground.onBoot((serverId) => { void this.#booted(serverId); });
    void this.#serial.run('board', () => this.#takeUp()).catch((error: unknown) => { this.#options.onTrouble(`faults of the world before are not known: ${messageOf(error)}`); });
  }

  /** Works the fault out, applies it and shows it. What fails half-way is undone. @throws FaultError */
  break(request: FaultRequest): Promise<FaultStatus> {
    return this.#serial.run('board', async () => {
      const id = this.#nextId(request.what);
      const plan = await planOf(request, id, { ground: this.#options.ground, filter: this.#filter });
      const since = new Date();
      const seconds = request.forSeconds;
      const active: Active = { id, request, plan, since, until: seconds === undefined || plan.isDoneAtOnce ? undefined : new Date(since.getTime() + seconds * 1000), timer: undefined, trouble: undefined };
      try {
        // Known before it is done: a world that is killed in between has nothing to undo, and that does no harm.
        if (plan.remains) this.#keep([...this.#active.values(), active]);
        await plan.apply();
      } catch (error) {
        const note = await plan.undo().catch((cause: unknown) => `and what was done of it could not be undone: ${messageOf(cause)}`);
        if (plan.remains) this.#keep();
        if (error instanceof FaultError && note === undefined) throw error;
        throw new FaultError('FAULT_NOT_APPLIED', `${request.what}: ${messageOf(error)}${note === undefined ? '' : `; ${note}`}`, { cause: error });
      }
      if (!plan.isDoneAtOnce) this.#hold(active);
      return this.#status(active);
    });
  }

  /** @throws FaultError FAULT_UNKNOWN, FAULT_NOT_HEALED */
  heal(id: string): Promise<HealedFault> {
    return this.#serial.run('board', async () => {
      const active = this.#active.get(id);
      if (!active) throw new FaultError('FAULT_UNKNOWN', `there is no active fault ${id}; ${this.#active.size === 0 ? 'nothing is broken' : `there are ${[...this.#active.keys()].join(', ')}`}`);
      return this.#undo(active);
    });
  }

  /** The last first. @throws FaultError FAULT_NOT_HEALED after trying all */
  async healAll(): Promise<HealedFault[]> {
    return this.#serial.run('board', async () => {
      const healed: HealedFault[] = [];
      const failures: string[] = [];
      for (const active of [...this.#active.values()].reverse()) {
        await this.#undo(active).then((one) => { healed.push(one); }, (error: unknown) => { failures.push(messageOf(error)); });
      }
      if (failures.length > 0) throw new FaultError('FAULT_NOT_HEALED', failures.join('; '));
      return healed;
    });
  }

  list(): Promise<FaultStatus[]> {
    return this.#serial.run('board', () => Promise.all([...this.#active.values()].map((active) => this.#status(active))));
  }

  /** Timers and loops end; nothing is undone, for the world ends with everything in it. */
  async stop(): Promise<void> {
    await this.#serial.idle();
    for (const { timer, plan, request } of this.#active.values()) {
      clearTimeout(timer);
      if (request.what === 'process') await plan.undo().catch(() => undefined);
    }
  }

  /** What a world that was killed left broken is listed, and healed, as if it had been broken in this one. */
  async #takeUp(): Promise<void> {
    for (const { id, request, remains, since, until } of readKept(this.#options.file)) {
      const plan = await planOf(request, id, { ground: this.#options.ground, filter: this.#filter, remains });
      this.#hold({ id, request, plan, since: new Date(since), until: until === undefined ? undefined : new Date(until), timer: undefined, trouble: undefined });
      this.#counts.set(request.what, Math.max(this.#counts.get(request.what) ?? 0, Number(id.slice(request.what.length + 1))));
    }
  }

  /** Active from now on, until it is healed or its time is over. */
  #hold(active: Active): void {
    const { id, until } = active;
    this.#active.set(id, active);
    if (until) active.timer = setTimeout(() => { void this.heal(id).catch((error: unknown) => { this.#options.onTrouble(messageOf(error)); }); }, Math.max(0, until.getTime() - Date.now()));
  }

  #release(active: Active): void {
    clearTimeout(active.timer);
    this.#active.delete(active.id);
    if (active.plan.remains) this.#keep();
  }

  /** Writes down those that outlast the world. */
  #keep(all: Iterable<Active> = this.#active.values()): void {
    const kept = [...all].flatMap(({ id, request, plan, since, until }): KeptFault[] => {
      return plan.remains ? [{ id, request, remains: plan.remains, since: since.toISOString(), ...(until ? { until: until.toISOString() } : {}) }] : [];
    });
    writeKept(this.#options.file, kept);
  }

  async #undo(active: Active): Promise<HealedFault> {
    const { id, plan } = active;
    try {
      const note = await plan.undo();
      this.#release(active);
      return { id, summary: plan.summary, ...(note === undefined ? {} : { note }) };
    } catch (error) {
      if (isGone(error)) {
        this.#release(active);
        return { id, summary: plan.summary, note: 'its server is switched off or gone' };
      }
      active.trouble = messageOf(error);
      throw new FaultError('FAULT_NOT_HEALED', `${id}: ${active.trouble}; it stays active, heal it again when that is mended`, { cause: error });
    }
  }

  /** Rules name devices that are there again, but what lived in the server's own namespaces has to be made anew; servers that are new may fall under a zone's fault; what could not heal when its time was over, because the server was not there, heals now. */
  #booted(serverId: string): Promise<void> {
    return this.#serial.run('board', async () => {
      const failed = (what: string) => (error: unknown): void => { this.#options.onTrouble(`${what} after a boot of ${serverId}: ${messageOf(error)}`); };
      await this.#filter.write().catch(failed('rules'));
      for (const active of [...this.#active.values()]) {
        if (!active.plan.servers.includes(serverId)) continue;
        if (active.until && active.until.getTime() < Date.now()) await this.#undo(active).catch(failed(active.id));
        else await active.plan.reapply?.(serverId).catch(failed(active.id));
      }
    });
  }

  async #status({ id, request, plan, since, until, trouble }: Active): Promise<FaultStatus> {
    const observed = await plan.observe().catch((error: unknown) => (isGone(error) ? 'its server is switched off or gone' : `cannot tell: ${messageOf(error)}`));
    return {
      id, request, summary: plan.summary, since: since.toISOString(), observed, isLasting: plan.isDoneAtOnce !== true,
      ...(until ? { until: until.toISOString() } : {}), ...(trouble === undefined ? {} : { trouble }),
    };
  }

  #nextId(what: string): string {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return `${what}-${count}`;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof FaultError && error.code === 'FAULT_SERVER_GONE';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
