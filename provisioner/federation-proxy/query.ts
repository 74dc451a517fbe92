/** Which requests pass. Everything that is not exactly the agreed one is refused, whatever it would have meant. */

/** The family that leaves a workload cluster; the same text as `monitoring/federation.ts`, which a test compares. */
export const federationSelector = '{__name__=~"keelson:.*"}';

export type Decision = { readonly kind: 'pass' } | { readonly kind: 'refuse'; readonly why: string };

/** @param target request target as it stands in the request line */
export function decide(method: string | undefined, target: string | undefined): Decision {
  if (method !== 'GET') return refuse(`method ${method ?? ''}`);
  const [path, query = '', ...rest] = (target ?? '').split('?');
  if (path !== '/federate') return refuse(`path ${(path ?? '').slice(0, 100)}`);
  const parameters = [...new URLSearchParams([query, ...rest].join('?'))];
  const [first] = parameters;
  const isExact = parameters.length === 1 && first?.[0] === 'match[]' && first[1] === federationSelector;
  return isExact ? { kind: 'pass' } : refuse('another query');
}

function refuse(what: string): Decision {
  return { kind: 'refuse', why: `${what} is not allowed here; only GET /federate?match[]=${federationSelector}` };
}
