/** Calls of a program as a proxy saw them, and which of them are worth keeping. */
import type { ServiceName } from '../../../sandbox/openstack/http/service.ts';

export interface RecordedCall {
  /** Who called: the program, or whoever set the stage for it. */
  readonly by: 'program' | 'stage';
  readonly service: ServiceName;
  readonly method: string;
  /** Below the service's address in the catalog. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  readonly microversion?: string;
  readonly status: number;
  /** Names of the answer's headers. */
  readonly headers: readonly string[];
  readonly request: unknown;
  readonly response: unknown;
}

const id = /[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}/g;
/** Say how much of a list is asked for, not what. */
const paging = new Set(['limit', 'marker', 'fields']);

/** `GET /v2.0/ports?device_id 200`: as `calls.ts` names them. */
export function titleOf({ method, path, query, status }: RecordedCall): string {
  const names = [...new Set(new URLSearchParams(query).keys())].filter((name) => !paging.has(name)).sort();
  return `${method} ${path.replace(id, '{id}')}${names.length > 0 ? `?${names.join('&')}` : ''} ${status}`;
}

/** What the program asked, each kind once: `network GET /v2.0/ports?device_id 200`, in the order of the alphabet. */
export const kindsOf = (calls: readonly RecordedCall[]): string[] => [...new Set(calls.filter(({ by }) => by === 'program').map((call) => `${call.service} ${titleOf(call)}`))].sort();

/** A list that found nothing has another shape than one that did. */
export const foundNothing = ({ method, response }: RecordedCall): boolean => method === 'GET' && Object.values(response ?? {}).some((list) => Array.isArray(list) && list.length === 0);

const isChange = ({ method }: RecordedCall): boolean => method !== 'GET' && method !== 'HEAD';

/**
 * All changes, since each changes what the next call meets, and of the calls that only look the first of each kind: of those between
 * the same two changes the last, which saw what came of the change.
 */
export function worthKeeping(calls: readonly RecordedCall[]): RecordedCall[] {
  const kept: RecordedCall[] = [];
  const known = new Set<string>();
  let looks = new Map<string, RecordedCall>();
  const keepLooks = (): void => {
    for (const [kind, call] of looks) {
      if (!known.has(kind)) kept.push(call);
      known.add(kind);
    }
    looks = new Map();
  };
  for (const call of calls) {
    if (isChange(call)) {
      keepLooks();
      kept.push(call);
      continue;
    }
    const kind = `${call.by} ${call.service} ${titleOf(call)} ${call.microversion ?? ''} ${foundNothing(call)}`;
    looks.delete(kind);
    looks.set(kind, call);
  }
  keepLooks();
  return kept;
}
