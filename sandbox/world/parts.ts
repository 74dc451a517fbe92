/** What the world is composed of, as the world sees it: each part starts, stops and tells a little about itself. */
import type { ActiveFault, CallCount, FaultRule } from '../openstack/index.ts';
import type { FaultRequest, FaultStatus, HealedFault } from '../faults/request.ts';
import type { ExecRequest, ExecResult, ServerStatus } from './control-api.ts';

/** The simulated cloud's API. */
export interface CloudPart {
  calls(): readonly CallCount[];
  /** Faults of its API (`sandbox/openstack/faults`). */
  readonly faults: {
    add(rule: FaultRule): ActiveFault;
    list(): readonly ActiveFault[];
    remove(name: string): ActiveFault;
    heal(): readonly ActiveFault[];
  };
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What servers run on. */
export interface MachinesPart {
  servers(): readonly ServerStatus[];
  exec(serverId: string, request: ExecRequest): Promise<ExecResult>;
  console(serverId: string, lines?: number): Promise<string>;
  stop(): Promise<void>;
}

/** Networks made real. */
export interface FabricPart {
  start(): Promise<void>;
  stop(): Promise<void>;
  counts(): { readonly networks: number; readonly routers: number; readonly loadBalancers: number };
}

/** Where alerts arrive. */
export interface PagerPart {
  start(): Promise<void>;
  stop(): Promise<void>;
  openPages(): number;
}

/** What is broken on purpose. */
export interface FaultsPart {
  start(): void;
  stop(): Promise<void>;
  break(request: FaultRequest): Promise<FaultStatus>;
  list(): Promise<readonly FaultStatus[]>;
  heal(id: string): Promise<HealedFault>;
  healAll(): Promise<readonly HealedFault[]>;
}

/** Tells the time. */
export interface TimePart {
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface Parts {
  readonly faults: FaultsPart;
  readonly time: TimePart;
  readonly fabric: FabricPart;
  readonly machines: MachinesPart;
  readonly cloud: CloudPart;
  readonly pager: PagerPart;
}
