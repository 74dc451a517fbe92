/**
 * What can be made to go wrong with the cloud's API: a rule says which calls it strikes and what happens to them. Rules are plain data, made
 * by hand, by the functions below, or read from JSON (`faultRule.parse`), and are held by the running cloud (`board.ts`).
 */
import { z } from 'zod';
import { serviceNames, type ServiceName } from '../http/service.ts';
import { FaultError } from './errors.ts';

const milliseconds = z.number().int().min(1).max(3_600_000);

/** What happens to a call that a rule strikes. */
export const faultEffect = z.discriminatedUnion('kind', [
  /** Refused in the service's own shape, before it does anything. `message` is the service's usual one unless told. */
  z.strictObject({ kind: z.literal('status'), status: z.number().int().min(400).max(599), message: z.string().max(1000).optional() }),
  /** Answered as always, this many milliseconds later; with jitter up to `jitterMs` more. */
  z.strictObject({ kind: z.literal('delay'), delayMs: milliseconds, jitterMs: milliseconds.optional() }),
  /** Not answered until the rule is taken away, then as always; forgotten when the client hangs up before. */
  z.strictObject({ kind: z.literal('hang') }),
  /** The connection is reset (RST) instead of an answer; nothing was done. */
  z.strictObject({ kind: z.literal('reset') }),
  /** 429 with Retry-After. */
  z.strictObject({ kind: z.literal('rateLimit'), retryAfterSeconds: z.number().int().min(0).max(3600) }),
  /** 401 for every token issued before the rule came: a client that logs in again sees it once. Logging in itself is not struck. */
  z.strictObject({ kind: z.literal('tokenExpiry') }),
  /** The change is made (and kept over restarts), but the client gets 500 or a reset. Strikes only calls that change something and would have worked. */
  z.strictObject({ kind: z.literal('halfApplied'), answer: z.enum(['error', 'reset']) }),
]);

const fields = z.strictObject({
  /** Names the fault for `list` and `remove`; `fault-1`, `fault-2` … unless told. */
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be letters a-z, digits and dashes, 63 at most').optional(),
  /** All services unless told. */
  service: z.string().refine(isServiceName, { error: `must be one of ${serviceNames.join(', ')}` }).optional(),
  /** All methods unless told. */
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  /** Path below the service's address: `*` stands for one segment, `**` at the end for all that may follow. `/v2.0/lbaas/**`, `/v2.1/servers/*`. */
  path: z.string().startsWith('/').max(500).optional(),
  /** Id or name of the caller's project. Calls without a token belong to none. */
  project: z.string().min(1).max(255).optional(),
  /** Chance of each call that fits, 0 to 1; always unless told. */
  probability: z.number().gt(0).max(1).optional(),
  /** Calls it strikes before it is spent; without end unless told. A spent fault stays in the list until it is removed. */
  count: z.number().int().min(1).max(1_000_000).optional(),
  effect: faultEffect,
});

/** The fields of a rule, for schemas that have more of them; such a schema adds `checkTogether`. */
export const faultRuleFields = fields.omit({ name: true }).shape;

/** What no field shows by itself: a rule that reads well and would strike nothing. */
export function checkTogether({ effect, method, path }: Pick<z.infer<typeof fields>, 'effect' | 'method' | 'path'>, context: Pick<z.RefinementCtx, 'addIssue'>): void {
  if (effect.kind === 'halfApplied' && (method === 'GET' || method === 'HEAD')) {
    context.addIssue({ code: 'custom', path: ['method'], message: `${method} changes nothing, so nothing can be applied by half; leave it out or name POST, PUT, PATCH or DELETE` });
  }
  if (path?.split('/').slice(0, -1).includes('**')) {
    context.addIssue({ code: 'custom', path: ['path'], message: `** may only stand at the end of ${path}; * stands for one segment` });
  }
}

export const faultRule = fields.superRefine(checkTogether);

export type FaultEffect = z.infer<typeof faultEffect>;
export type FaultRule = z.infer<typeof faultRule>;

/** A rule that the cloud holds. */
export interface ActiveFault extends FaultRule {
  readonly name: string;
  /** RFC 3339. */
  readonly since: string;
  /** Calls it struck so far. */
  readonly struck: number;
}

/** Checks what came from outside. @throws FaultError FAULT_BAD_RULE naming every wrong field */
export function readFaultRule(given: unknown): FaultRule {
  const parsed = faultRule.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'rule'}: ${issue.message}`);
    throw new FaultError('FAULT_BAD_RULE', `wrong API fault: ${problems.join('; ')}`);
  }
  return parsed.data;
}

/** @param message what the service says; its usual words unless told */
export function answersWith(status: number, message?: string): FaultEffect {
  return { kind: 'status', status, ...(message === undefined ? {} : { message }) };
}

export function delays(delayMs: number, jitterMs?: number): FaultEffect {
  return { kind: 'delay', delayMs, ...(jitterMs === undefined ? {} : { jitterMs }) };
}

export function hangs(): FaultEffect {
  return { kind: 'hang' };
}

export function resets(): FaultEffect {
  return { kind: 'reset' };
}

export function limitsRate(retryAfterSeconds: number): FaultEffect {
  return { kind: 'rateLimit', retryAfterSeconds };
}

export function expiresTokens(): FaultEffect {
  return { kind: 'tokenExpiry' };
}

/** @param answer what the client gets although it worked: a 500, or a connection reset */
export function appliesByHalf(answer: 'error' | 'reset'): FaultEffect {
  return { kind: 'halfApplied', answer };
}

function isServiceName(name: string): name is ServiceName {
  return serviceNames.some((known) => known === name);
}
