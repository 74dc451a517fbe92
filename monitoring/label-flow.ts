/**
 * Which labels the result of an expression can have. An aggregation that drops `cluster_id` makes one alert of all clusters,
 * a text that shows a label which is gone shows nothing, and an inhibition over it hides too much: none of them fails a
 * syntax check. Rules of matching: https://prometheus.io/docs/prometheus/latest/querying/operators/
 */
import { parser } from '@prometheus-io/lezer-promql';

type SyntaxNode = ReturnType<typeof parser.parse>['topNode'];

/** Labels of a metric; undefined for one that nobody writes, which then has none here. */
export type LabelsOf = (metric: string) => readonly string[] | undefined;

interface Reading {
  readonly expr: string;
  readonly labelsOf: LabelsOf;
}

/** Sorted. Where a label is there only in some of the results (`or`), it is listed. */
export function resultLabels(expr: string, labelsOf: LabelsOf): string[] {
  const top = parser.parse(expr).topNode.firstChild;
  return top ? [...flow(top, { expr, labelsOf })].sort() : [];
}

function flow(node: SyntaxNode, reading: Reading): Set<string> {
  switch (node.name) {
    case 'VectorSelector':
      return new Set(reading.labelsOf(selectedMetric(node, reading)) ?? []);
    case 'AggregateExpr':
      return aggregated(node, reading);
    case 'FunctionCall':
      return called(node, reading);
    case 'BinaryExpr':
      return combined(node, reading);
    default: {
      const inner = operands(node)[0];
      return inner ? flow(inner, reading) : new Set();
    }
  }
}

function aggregated(node: SyntaxNode, reading: Reading): Set<string> {
  const operator = textOf(node.getChild('AggregateOp'), reading);
  const body = node.getChild('FunctionCallBody');
  const inner = flow(operands(body).at(-1) ?? node, reading);
  if (/^(topk|bottomk|limitk|limit_ratio)$/.test(operator)) return inner;
  const modifier = node.getChild('AggregateModifier');
  const named = grouping(modifier?.getChild('GroupingLabels'), reading);
  const kept = modifier?.getChild('Without') ? difference(inner, named) : new Set(named.filter((label) => inner.has(label)));
  if (operator === 'count_values') kept.add(strings(body, reading)[0] ?? '');
  return kept;
}

function called(node: SyntaxNode, reading: Reading): Set<string> {
  const name = textOf(node.getChild('FunctionIdentifier'), reading);
  const body = node.getChild('FunctionCallBody');
  const argument = operands(body).at(name.startsWith('histogram_quantile') ? -1 : 0);
  if (name === 'vector' || name === 'scalar' || name === 'time' || !argument) return new Set();
  const inner = flow(argument, reading);
  if (name === 'label_replace' || name === 'label_join') return new Set([...inner, strings(body, reading)[0] ?? '']);
  if (name === 'histogram_quantile' || name === 'histogram_fraction') return difference(inner, ['le']);
  return inner;
}

function combined(node: SyntaxNode, reading: Reading): Set<string> {
  const [leftNode, rightNode] = operands(node);
  if (!leftNode || !rightNode) return new Set();
  const left = flow(leftNode, reading);
  const right = flow(rightNode, reading);
  if (node.getChild('Or')) return new Set([...left, ...right]);
  if (node.getChild('And') || node.getChild('Unless') || isScalar(rightNode, reading)) return left;
  if (isScalar(leftNode, reading)) return right;
  const matching = node.getChild('MatchingModifierClause');
  if (!matching) return left;
  const [first = [], second = []] = matching.getChildren('GroupingLabels').map((labels) => grouping(labels, reading));
  if (matching.getChild('GroupLeft')) return new Set([...left, ...second.filter((label) => right.has(label))]);
  if (matching.getChild('GroupRight')) return new Set([...right, ...second.filter((label) => left.has(label))]);
  return matching.getChild('On') ? new Set(first.filter((label) => left.has(label))) : difference(left, first);
}

/** A number, or a call that gives one: matching does not concern it. */
function isScalar(node: SyntaxNode, reading: Reading): boolean {
  if (node.name === 'NumberDurationLiteral' || node.name === 'StringLiteral') return true;
  if (node.name === 'FunctionCall') return /^(time|scalar|pi)$/.test(textOf(node.getChild('FunctionIdentifier'), reading));
  const inner = operands(node);
  return (node.name === 'ParenExpr' || node.name === 'UnaryExpr' || node.name === 'BinaryExpr') && inner.length > 0 && inner.every((part) => isScalar(part, reading));
}

const expressions = new Set(['VectorSelector', 'MatrixSelector', 'SubqueryExpr', 'AggregateExpr', 'FunctionCall', 'BinaryExpr', 'ParenExpr', 'UnaryExpr', 'OffsetExpr', 'StepInvariantExpr', 'NumberDurationLiteral']);

/** What stands in a node as expressions, in order. */
function operands(node: SyntaxNode | null): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child; child = child.nextSibling) if (expressions.has(child.name)) found.push(child);
  return found;
}

function selectedMetric(node: SyntaxNode, reading: Reading): string {
  return textOf(node.getChild('Identifier'), reading);
}

function grouping(node: SyntaxNode | null | undefined, reading: Reading): string[] {
  return (node?.getChildren('LabelName') ?? []).map((label) => textOf(label, reading));
}

function strings(node: SyntaxNode | null, reading: Reading): string[] {
  return (node?.getChildren('StringLiteral') ?? []).map((literal) => textOf(literal, reading).slice(1, -1));
}

function textOf(node: SyntaxNode | null, { expr }: Reading): string {
  return node ? expr.slice(node.from, node.to) : '';
}

function difference(labels: ReadonlySet<string>, without: readonly string[]): Set<string> {
  return new Set([...labels].filter((label) => !without.includes(label)));
}
