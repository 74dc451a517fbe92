/** The faults a running cloud holds, and which of them strike a call. In memory: a cloud that starts again is healed. */
import type { Clock, Random } from '../clock.ts';
import { FaultError } from './errors.ts';
import type { ActiveFault, FaultEffect, FaultRule } from './rule.ts';

/** A call as rules see it. */
export interface FaultTarget {
  readonly service: string;
  readonly method: string;
  readonly path: string;
  /** Id and name of the caller's project; empty for calls without a valid token. */
  readonly project: { readonly id: string; readonly name: string };
  /** Milliseconds since the epoch; undefined for calls without a valid token. */
  readonly tokenIssuedAtMs: number | undefined;
}

/** One rule's effect on one call. */
export interface Strike {
  readonly effect: FaultEffect;
  /** Aborted when the fault is taken away: whoever waits because of it goes on. */
  readonly healed: AbortSignal;
  /** For effects that wait for the call to work: counts it. @returns false when the fault was spent or healed meanwhile */
  land(): boolean;
}

interface Held {
  readonly rule: FaultRule & { readonly name: string };
  readonly path: RegExp | undefined;
  readonly sinceMs: number;
  readonly healing: AbortController;
  struck: number;
}

export class FaultBoard {
  readonly #held = new Map<string, Held>();
  readonly #clock: Clock;
  readonly #random: Random;
  #added = 0;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** @param rule as `readFaultRule` returns it. @throws FaultError FAULT_NAME_TAKEN */
  add(rule: FaultRule): ActiveFault {
    this.#added += 1;
    const name = rule.name ?? `fault-${this.#added}`;
    if (this.#held.has(name)) throw new FaultError('FAULT_NAME_TAKEN', `there is an API fault ${name} already; heal it or choose another name`);
    const held: Held = { rule: { ...rule, name }, path: rule.path === undefined ? undefined : pathPattern(rule.path), sinceMs: this.#clock.now(), healing: new AbortController(), struck: 0 };
    this.#held.set(name, held);
    return shown(held);
  }

  /** In the order they came. */
  list(): ActiveFault[] {
    return [...this.#held.values()].map(shown);
  }

  /** Calls that it holds up go on. @throws FaultError FAULT_UNKNOWN */
  remove(name: string): ActiveFault {
    const held = this.#held.get(name);
    if (!held) throw new FaultError('FAULT_UNKNOWN', `there is no API fault ${name}; there are: ${[...this.#held.keys()].join(', ') || 'none'}`);
    this.#held.delete(name);
    held.healing.abort();
    return shown(held);
  }

  /** Takes all away. @returns those that were there */
  heal(): ActiveFault[] {
    return this.list().map(({ name }) => this.remove(name));
  }

  /** What happens to this call, in the order of the rules. Each counts as struck, but for a half-applied change, which has to work first. */
  strike(target: FaultTarget): Strike[] {
    const fitting = [...this.#held.values()].filter((held) => !isSpent(held) && fits(held, target) && this.#random() < (held.rule.probability ?? 1));
    for (const held of fitting) if (held.rule.effect.kind !== 'halfApplied') held.struck += 1;
    return fitting.map((held) => ({
      effect: held.rule.effect, healed: held.healing.signal,
      land: () => {
        if (isSpent(held) || held.healing.signal.aborted) return false;
        held.struck += 1;
        return true;
      },
    }));
  }
}

function isSpent({ rule, struck }: Held): boolean {
  return struck >= (rule.count ?? Infinity);
}

function fits({ rule, path, sinceMs }: Held, target: FaultTarget): boolean {
  return (rule.service === undefined || rule.service === target.service)
    && (rule.method === undefined || rule.method === target.method)
    && (path === undefined || path.test(target.path))
    && (rule.project === undefined || rule.project === target.project.id || rule.project === target.project.name)
    && (rule.effect.kind !== 'tokenExpiry' || (target.tokenIssuedAtMs !== undefined && target.tokenIssuedAtMs <= sinceMs))
    && (rule.effect.kind !== 'halfApplied' || (target.method !== 'GET' && target.method !== 'HEAD'));
}

/** `*` is one segment, `**` at the end everything below and the path itself; a slash at the end is ignored. */
function pathPattern(path: string): RegExp {
  const segments = path.split('/').filter((segment) => segment !== '');
  const source = segments.map((segment) => {
    if (segment === '**') return '(?:/.*)?';
    return `/${segment.split('*').map((text) => text.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)).join('[^/]*')}`;
  });
  return new RegExp(`^${source.join('')}/?$`);
}

function shown({ rule, sinceMs, struck }: Held): ActiveFault {
  return { ...rule, since: new Date(sinceMs).toISOString(), struck };
}
