/** The control interface of a running world: HTTP with JSON over the Unix socket `run/control.sock`. Shared by its server and its client. */
import { z } from 'zod';

export const relayRequest = z.strictObject({
  /** Names the relay: `openstack`, `pager`, `kubernetes-demo`. */
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  /** The port of 127.0.0.1 that it must be; unset: the one it had before, or any that is free. */
  port: z.number().int().min(1).max(65535).optional(),
  /** Address inside the world. */
  target: z.strictObject({ address: z.ipv4(), port: z.number().int().min(1).max(65535) }),
});

export const execRequest = z.strictObject({
  argv: z.array(z.string()).min(1),
  stdin: z.string().optional(),
  /** Milliseconds until the command is killed; 60,000 unless told. */
  timeoutMs: z.number().int().positive().max(3_600_000).optional(),
});

export type RelayRequest = z.infer<typeof relayRequest>;
export type ExecRequest = z.infer<typeof execRequest>;

export interface RelayStatus {
  readonly name: string;
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly port: number;
  readonly target: { readonly address: string; readonly port: number };
  readonly connections: number;
}

export interface ServerStatus { readonly id: string; readonly name: string; readonly state: string }

export interface WorldStatus {
  readonly id: string;
  /** `stopping` is seen by whoever asks while `POST /stop` is at work. */
  readonly phase: 'starting' | 'ready' | 'stopping';
  readonly startedAt: string;
  readonly relays: readonly RelayStatus[];
  readonly servers: readonly ServerStatus[];
  readonly counts: { readonly networks: number; readonly routers: number; readonly loadBalancers: number; readonly servers: number; readonly openPages: number };
  /** The world process inside the world's PID namespace, and its resident memory. */
  readonly process: { readonly pid: number; readonly residentBytes: number };
}

export interface ExecResult { readonly status: number; readonly stdout: string; readonly stderr: string }

/** Body of every answer that is not 2xx. */
export interface ControlFailure { readonly code: string; readonly message: string }
