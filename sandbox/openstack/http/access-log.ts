/** Counts calls by service, route, status and client (the bench's "OpenStack calls per cluster created" reads it), and keeps the last ones for the console. */
import type { ServiceName } from './service.ts';

/** One kind of call and how often it was made. `route` is the pattern, never an id or a query. */
export interface CallCount {
  readonly service: ServiceName;
  readonly method: string;
  readonly route: string;
  /** 0: the connection was reset instead of an answer. */
  readonly status: number;
  /** First product token of the User-Agent that is not gophercloud's: `cluster-api-provider-openstack`. */
  readonly userAgent: string;
  readonly count: number;
}

/** One call. The path is without its query. Times in milliseconds, `atMs` since the epoch. */
export interface Call extends Omit<CallCount, 'count'> {
  readonly path: string;
  readonly atMs: number;
  readonly tookMs: number;
  /** Of the caller's token; empty without one. */
  readonly projectId: string;
  readonly userId: string;
}

const keptCalls = 100;

export class AccessLog {
  readonly #counts = new Map<string, number>();
  readonly #last: Call[] = [];

  record(call: Omit<CallCount, 'count'>, details: Omit<Call, keyof CallCount>): void {
    this.#last.push({ ...call, ...details });
    if (this.#last.length > keptCalls) this.#last.shift();
    const key = JSON.stringify([call.service, call.method, call.route, call.status, call.userAgent]);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Most frequent first. */
  calls(): CallCount[] {
    const all = [...this.#counts].map(([key, count]) => {
      const [service, method, route, status, userAgent] = JSON.parse(key) as [ServiceName, string, string, number, string];
      return { service, method, route, status, userAgent, count };
    });
    return all.sort((a, b) => b.count - a.count);
  }

  /** The newest first. */
  last(): Call[] {
    return this.#last.toReversed();
  }

  reset(): void {
    this.#counts.clear();
  }
}

/** `openstack-cloud-controller-manager/v1.36.0 gophercloud/v2.10.0` → `openstack-cloud-controller-manager`. */
export function clientName(userAgent: string | undefined): string {
  const products = (userAgent ?? '').split(' ').map((part) => part.split('/')[0] ?? '').filter((name) => name !== '');
  return products.find((name) => name !== 'gophercloud') ?? products[0] ?? 'unknown';
}
