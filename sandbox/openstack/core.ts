/** What every service of the cloud shares: state, time, chance, the seams and the work that goes on after an answer was sent. */
import type { AccessLog } from './http/access-log.ts';
import { isoSeconds, uuid, type Clock, type Random } from './clock.ts';
import type { Convergence } from './convergence.ts';
import type { FaultBoard } from './faults/board.ts';
import type { ServiceName } from './http/service.ts';
import type { Fabric, Hypervisor, Storage } from './seams.ts';
import type { CloudState } from './state.ts';

/** The part of pino's logger that is used here. */
export interface Log {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

/** How long the cloud pretends to work, in milliseconds, on top of what the fabric and the hypervisor take. */
export interface Delays {
  /** A server's way from the API to its host. */
  readonly scheduleMs: number;
  /** A change of a load balancer, PENDING_* to ACTIVE. */
  readonly loadBalancerMs: number;
  /** Making, extending, copying and deleting a volume or a snapshot; each step of an attachment. */
  readonly volumeMs: number;
}

export const plausibleDelays: Delays = { scheduleMs: 300, loadBalancerMs: 400, volumeMs: 200 };

export interface Core {
  readonly state: CloudState;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly fabric: Fabric;
  readonly hypervisor: Hypervisor;
  readonly storage: Storage;
  readonly convergence: Convergence;
  readonly accessLog: AccessLog;
  readonly faults: FaultBoard;
  readonly delays: Delays;
  readonly background: Background;
  /** Where a service listens (`http://198.51.100.2:9696`), for the catalogue. Known once it listens. */
  readonly addressOf: (service: ServiceName) => string;
}

export function newId(core: Pick<Core, 'random'>): string {
  return uuid(core.random);
}

/** Keystone's ids have no dashes. */
export function newHexId(core: Pick<Core, 'random'>): string {
  return uuid(core.random).replaceAll('-', '');
}

export function timestamp(core: Pick<Core, 'clock'>): string {
  return isoSeconds(core.clock.now());
}

/** Work that outlives the request that caused it. `stop` aborts its signal and waits for it. */
export class Background {
  readonly #tasks = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  run(what: string, task: (signal: AbortSignal) => Promise<void>): void {
    const running = task(this.#stopping.signal)
      .catch((error: unknown) => {
        if (!this.#stopping.signal.aborted) this.#log.error({ what, error: String(error) }, 'background work failed');
      })
      .finally(() => this.#tasks.delete(running));
    this.#tasks.add(running);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#tasks);
  }
}
