/** Sets of ports: sorted, disjoint spans per protocol. ICMP types are kept where ports are. */
import type { Transport } from '../model.ts';

/** From 1 to 65535, for ICMP and ICMPv6 types from 0 to 255; both ends included. */
export interface Span {
  readonly protocol: Transport;
  readonly from: number;
  readonly to: number;
}

/** Sorted by protocol, then port; neighbours that touch are one. */
export type Spans = readonly Span[];

export const protocols: readonly Transport[] = ['TCP', 'UDP', 'SCTP', 'ICMP', 'ICMPv6'];

export const nothing: Spans = [];
export const everything: Spans = protocols.map((protocol) => ({ protocol, from: firstOf(protocol), to: lastOf(protocol) }));

/** Any list of spans, brought into order and into bounds. */
export function union(spans: Spans): Spans {
  const inBounds = spans.map((s) => ({ ...s, from: Math.max(s.from, firstOf(s.protocol)), to: Math.min(s.to, lastOf(s.protocol)) })).filter((s) => s.from <= s.to);
  const result: Span[] = [];
  for (const span of inBounds.sort((a, b) => protocols.indexOf(a.protocol) - protocols.indexOf(b.protocol) || a.from - b.from)) {
    const last = result.at(-1);
    if (last && last.protocol === span.protocol && span.from <= last.to + 1) result[result.length - 1] = { ...last, to: Math.max(last.to, span.to) };
    else result.push(span);
  }
  return result;
}

export function intersection(a: Spans, b: Spans): Spans {
  return union(a.flatMap((x) => b.flatMap((y) => (x.protocol === y.protocol && x.from <= y.to && y.from <= x.to ? [{ protocol: x.protocol, from: Math.max(x.from, y.from), to: Math.min(x.to, y.to) }] : []))));
}

/** What is in `a` and not in `b`. */
export function difference(a: Spans, b: Spans): Spans {
  return b.reduce((rest: Spans, cut) => rest.flatMap((span) => without(span, cut)), a);
}

export function includes(spans: Spans, protocol: Transport, port: number): boolean {
  return spans.some((span) => span.protocol === protocol && span.from <= port && port <= span.to);
}

/** "TCP 8080, UDP 53, ICMP 8", "everything", "nothing". */
export function formatSpans(spans: Spans): string {
  if (spans.length === 0) return 'nothing';
  if (protocols.every((protocol) => spans.some((s) => isWhole(s, protocol)))) return 'everything';
  return spans.map((s) => (isWhole(s, s.protocol) ? s.protocol : `${s.protocol} ${s.from === s.to ? s.from : `${s.from}-${s.to}`}`)).join(', ');
}

function without(span: Span, cut: Span): Span[] {
  if (cut.protocol !== span.protocol || cut.to < span.from || cut.from > span.to) return [span];
  return [
    ...(span.from < cut.from ? [{ ...span, to: cut.from - 1 }] : []),
    ...(cut.to < span.to ? [{ ...span, from: cut.to + 1 }] : []),
  ];
}

function isWhole(span: Span, protocol: Transport): boolean {
  return span.protocol === protocol && span.from === firstOf(protocol) && span.to === lastOf(protocol);
}

function firstOf(protocol: Transport): number {
  return protocol.startsWith('ICMP') ? 0 : 1;
}

function lastOf(protocol: Transport): number {
  return protocol.startsWith('ICMP') ? 255 : 65535;
}
