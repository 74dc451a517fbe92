/** Every fault as a value: what breaks, on which target, with which parameters. One schema each, for the shell, scenarios and the control interface. */
import { z } from 'zod';
import { checkTogether, faultRuleFields } from '../openstack/index.ts';

const server = z.string().min(1).describe('a server: its name, the beginning of its name, or its id');
const cluster = z.string().min(1).describe('a cluster, "management" or the name of its Cluster');
const direction = z.enum(['both', 'in', 'out']).default('both').describe('which traffic, seen from the server');
/** Seconds after which it heals by itself. */
const forSeconds = z.number().positive().max(86_400).optional();

/** The schema of each kind of fault. */
export const faultSchemas = {
  api: z.strictObject({ what: z.literal('api'), ...faultRuleFields, forSeconds }).superRefine(checkTogether),
  node: z.strictObject({ what: z.literal('node'), target: server, direction, forSeconds }),
  zone: z.strictObject({ what: z.literal('zone'), target: z.string().min(1), forSeconds }),
  link: z.strictObject({ what: z.literal('link'), from: z.string().min(1), to: z.string().min(1), oneWay: z.boolean().default(false), forSeconds }),
  dns: z.strictObject({ what: z.literal('dns'), target: server.optional(), forSeconds }),
  mtu: z.strictObject({ what: z.literal('mtu'), target: server, bytes: z.number().int().min(68).max(9000), forSeconds }),
  latency: z.strictObject({ what: z.literal('latency'), target: server, ms: z.number().min(1).max(60_000), jitterMs: z.number().min(0).max(60_000).default(0), forSeconds }),
  loss: z.strictObject({ what: z.literal('loss'), target: server, percent: z.number().gt(0).max(100), direction, forSeconds }),
  machine: z.strictObject({ what: z.literal('machine'), target: server, how: z.enum(['kill', 'freeze', 'disk-full']).default('kill'), path: z.string().startsWith('/').optional(), forSeconds }),
  clock: z.strictObject({ what: z.literal('clock'), target: cluster.optional(), how: z.enum(['wrong', 'silent', 'unsynchronized']).default('wrong'), offsetSeconds: z.number().min(-3e9).max(3e9).optional(), forSeconds }),
  process: z.strictObject({ what: z.literal('process'), target: z.string().min(1), node: server.optional(), cluster: cluster.optional(), how: z.enum(['kill', 'stop', 'crash-loop']).default('kill'), forSeconds }),
  cert: z.strictObject({ what: z.literal('cert'), target: z.string().min(1), node: server.optional(), cluster: cluster.optional(), how: z.enum(['expired', 'not-yet-valid', 'replaced']).default('expired'), forSeconds }),
} as const;

export const faultRequest = z.discriminatedUnion('what', [
  faultSchemas.api, faultSchemas.node, faultSchemas.zone, faultSchemas.link, faultSchemas.dns, faultSchemas.mtu, faultSchemas.latency, faultSchemas.loss,
  faultSchemas.machine, faultSchemas.clock, faultSchemas.process, faultSchemas.cert,
]);

/** As it is asked for; what is left out has its default. */
export type FaultInput = z.input<typeof faultRequest>;
export type FaultRequest = z.output<typeof faultRequest>;
export type What = FaultRequest['what'];
export type RequestOf<W extends What> = Extract<FaultRequest, { what: W }>;

/** An active fault, as `keelson sandbox faults` shows it. */
export interface FaultStatus {
  /** `zone-1`. */
  readonly id: string;
  readonly request: FaultRequest;
  /** One sentence: what is broken now. */
  readonly summary: string;
  /** RFC 3339. */
  readonly since: string;
  /** When it heals by itself. */
  readonly until?: string;
  /** What can be seen of it right now: "214 packets dropped". */
  readonly observed: string;
  /** Why the last attempt to heal it failed. */
  readonly trouble?: string;
  /** False for what was done once and leaves nothing to heal: a killed process. */
  readonly isLasting: boolean;
}

/** A fault that is over. */
export interface HealedFault {
  readonly id: string;
  readonly summary: string;
  /** What could not be as before, and why: "the file was replaced meanwhile and is left as it is". */
  readonly note?: string;
}
