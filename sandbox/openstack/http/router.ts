/** Finds the route of a request. Half of all calls are `GET /`, so patterns are grouped by method and number of segments. */
import type { Route } from './service.ts';

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** @returns a function from method and path to the first route that matches, in the order given. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const groups = new Map<string, { route: Route; pattern: readonly string[] }[]>();
  for (const route of routes) {
    const pattern = segments(route.path);
    const key = `${route.method} ${pattern.length}`;
    const group = groups.get(key) ?? [];
    group.push({ route, pattern });
    groups.set(key, group);
  }
  return (method, path) => {
    const parts = segments(path);
    const group = groups.get(`${method} ${parts.length}`) ?? [];
    for (const { route, pattern } of group) {
      const params = match(pattern, parts);
      if (params) return { route, params };
    }
    return undefined;
  };
}

function segments(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

function match(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [i, want] of pattern.entries()) {
    const part = parts[i] ?? '';
    if (want.startsWith(':')) params[want.slice(1)] = decode(part);
    else if (want !== part) return undefined;
  }
  return params;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
