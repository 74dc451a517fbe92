/** What an expression reads, by the grammar that the Prometheus project keeps. Types are not checked here: promtool does. */
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  /** Name of the metric; undefined where only matchers choose it. */
  readonly metric: string | undefined;
  /** Labels that are matched. */
  readonly labels: readonly string[];
  /** How: `=`, `!=`, `=~` or `!~`, and the value without its quotes. */
  readonly matchers: readonly { readonly label: string; readonly op: string; readonly value: string }[];
}

export interface Reading {
  readonly selectors: readonly Selector[];
  /** Offset of the first syntax error. */
  readonly errorAt: number | undefined;
}

export function readingOf(expr: string): Reading {
  const selectors: { metric: string | undefined; labels: string[]; matchers: Selector['matchers'][number][] }[] = [];
  let errorAt: number | undefined;
  let isInMatchers = false;
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) errorAt ??= node.from;
      if (node.name === 'VectorSelector') selectors.push({ metric: undefined, labels: [], matchers: [] });
      if (node.name === 'LabelMatchers') isInMatchers = true;
      const selector = selectors.at(-1);
      if (node.name === 'Identifier' && selector) selector.metric = text;
      if (node.name === 'LabelName' && isInMatchers && text !== '__name__') selector?.labels.push(text);
      if (node.name === 'UnquotedLabelMatcher') selector?.matchers.push(matcherOf(text));
    },
    leave(node) {
      if (node.name === 'LabelMatchers') isInMatchers = false;
    },
  });
  return { selectors, errorAt };
}

/** label, operator, quoted value, as the grammar found them. */
function matcherOf(text: string): Selector['matchers'][number] {
  const [, label = '', op = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*["'`](.*)["'`]$/s.exec(text) ?? [];
  return { label, op, value };
}
