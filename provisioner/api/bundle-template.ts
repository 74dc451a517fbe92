/**
 * Values of a bundle with the facts of a cluster filled in.
 *
 *   clusterName: ${cluster.ownershipTag}          the value itself: a list stays a list, a boolean a boolean
 *   url: https://${cluster.apiHost}:${cluster.apiPort}   as text
 *   tunnelProtocol: ${network.tunnelProtocol?}    the key is left out where there is no such fact
 *   literal: $${not.a.fact}                       ${not.a.fact}
 */
import type { FactValue } from './bundle-facts.ts';

export interface Filled {
  readonly values: Readonly<Record<string, unknown>>;
  /** Facts that are needed and not there, each once, sorted. While there are any, the values are not to be used. */
  readonly missing: readonly string[];
}

/** A name may hold dashes, because names of apps do. */
const placeholder = /\$?\$\{([A-Za-z][A-Za-z0-9.-]*)(\?)?\}/g;
const whole = /^\$\{([A-Za-z][A-Za-z0-9.-]*)(\?)?\}$/;
const absent = Symbol('absent');

/** @param fact undefined where there is no such fact */
export function fillValues(values: Readonly<Record<string, unknown>>, fact: (name: string) => FactValue | undefined): Filled {
  const missing = new Set<string>();
  const look = (name: string, isOptional: boolean): FactValue | undefined => {
    const value = fact(name);
    if (value === undefined && !isOptional) missing.add(name);
    return value;
  };
  const filled = fill(values, look);
  return { values: filled === absent ? {} : (filled as Record<string, unknown>), missing: [...missing].sort() };
}

/** Every name in the values, each once. */
export function placeholdersOf(values: unknown): string[] {
  const names = new Set<string>();
  fill(values, (name) => {
    names.add(name);
    return undefined;
  });
  return [...names];
}

type Look = (name: string, isOptional: boolean) => FactValue | undefined;

function fill(value: unknown, look: Look): unknown {
  if (typeof value === 'string') return fillText(value, look);
  if (Array.isArray(value)) return value.map((one) => fill(one, look)).filter((one) => one !== absent);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner, look)] as const).filter(([, inner]) => inner !== absent));
}

function fillText(text: string, look: Look): unknown {
  const [, name, optional] = whole.exec(text) ?? [];
  if (name !== undefined) return look(name, optional !== undefined) ?? absent;
  return text.replace(placeholder, (all: string, inner: string, isOptional: string | undefined) => {
    if (all.startsWith('$$')) return all.slice(1);
    const value = look(inner, isOptional !== undefined);
    return Array.isArray(value) ? value.join(',') : String(value ?? '');
  });
}
