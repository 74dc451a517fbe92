/** What an expression reads, by the grammar that the Prometheus project keeps. Types are not checked here: promtool does. */
import { parser } from '@prometheus-io/lezer-promql';

export interface Selector {
  /** Name of the metric; undefined where only matchers choose it. */
  readonly metric: string | undefined;
  /** Labels that are matched. */
  readonly labels: readonly string[];
}

export interface Reading {
  readonly selectors: readonly Selector[];
  /** Offset of the first syntax error. */
  readonly errorAt: number | undefined;
}

export function readingOf(expr: string): Reading {
  const selectors: { metric: string | undefined; labels: string[] }[] = [];
  let errorAt: number | undefined;
  let isInMatchers = false;
  parser.parse(expr).iterate({
    enter(node) {
      const text = expr.slice(node.from, node.to);
      if (node.type.isError) errorAt ??= node.from;
      if (node.name === 'VectorSelector') selectors.push({ metric: undefined, labels: [] });
      if (node.name === 'LabelMatchers') isInMatchers = true;
      const selector = selectors.at(-1);
      if (node.name === 'Identifier' && selector) selector.metric = text;
      if (node.name === 'LabelName' && isInMatchers && text !== '__name__') selector?.labels.push(text);
    },
    leave(node) {
      if (node.name === 'LabelMatchers') isInMatchers = false;
    },
  });
  return { selectors, errorAt };
}
