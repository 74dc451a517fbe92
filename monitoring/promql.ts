/** What an expression reads, by the grammar that the Prometheus project keeps. Types are not checked here: promtool does. */
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  /** Name of the metric; undefined where only matchers choose it. */
  readonly metric: string | undefined;
  /** Labels that are matched. */
  readonly labels: readonly string[];
  readonly matchers: readonly Matcher[];
}

export interface Matcher {
  readonly label: string;
  /** `=`, `!=`, `=~` or `!~`. */
  readonly op: string;
  /** Without its quotes. */
  readonly value: string;
}

export interface Reading {
  readonly selectors: readonly Selector[];
  /** Offset of the first syntax error. */
  readonly errorAt: number | undefined;
}

export function readingOf(expr: string): Reading {
  const selectors: { metric: string | undefined; matchers: Matcher[] }[] = [];
  let errorAt: number | undefined;
  const text = (part: { readonly from: number; readonly to: number } | null): string => (part ? expr.slice(part.from, part.to) : '');
  parser.parse(expr).iterate({
    enter({ name, type, node }) {
      if (type.isError) errorAt ??= node.from;
      if (name === 'VectorSelector') selectors.push({ metric: undefined, matchers: [] });
      const selector = selectors.at(-1);
      if (name === 'Identifier' && selector) selector.metric = text(node);
      if (name === 'UnquotedLabelMatcher') selector?.matchers.push({ label: text(node.getChild('LabelName')), op: text(node.getChild('MatchOp')), value: text(node.getChild('StringLiteral')).slice(1, -1) });
    },
  });
  return { selectors: selectors.map(({ metric, matchers }) => ({ metric, matchers, labels: matchers.map(({ label }) => label).filter((label) => label !== '__name__') })), errorAt };
}

/** Whether a label with this value is matched, by Prometheus and by Alertmanager: both anchor a regular expression at either end. */
export function isMatched(value: string, { op, value: wanted }: Pick<Matcher, 'op' | 'value'>): boolean {
  const isLike = op.endsWith('~') ? new RegExp(`^(?:${wanted})$`, 's').test(value) : value === wanted;
  return op.startsWith('!') ? !isLike : isLike;
}
