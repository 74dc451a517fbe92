/** The public face of the reachability matrix. */
export { reachability, type Group, type Reachability } from './reachability.ts';
export { formatSpans, includes, type Span, type Spans } from './spans.ts';
