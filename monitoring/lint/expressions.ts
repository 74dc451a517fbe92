/** Does every expression read what is there, and does what it gives have the labels that it is said to have? */
import { federatedNames } from '../federation.ts';
import { resultLabels } from '../label-flow.ts';
import { labelsIn } from '../labels.ts';
import { readingOf, type Selector } from '../promql.ts';
import { recordsOf } from '../rules/index.ts';
import type { Record, Rule, RuleGroup } from '../rules/model.ts';
import { nameOf, type Chain, type Finding } from './finding.ts';

export function expressionFindings(chain: Chain): Finding[] {
  const known = labelsIn(chain);
  const read = new Set(chain.groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => readingOf(expr).selectors.map(({ metric }) => metric))));
  return [
    ...chain.groups.flatMap((group) => group.rules.flatMap((rule) => [...ruleFindings(chain, { group, rule, known })])),
    ...recordsOf(chain.groups).flatMap((record) => [...recordFindings(record, { read, known })]),
  ];
}

type Known = ReturnType<typeof labelsIn>;

function* ruleFindings(chain: Chain, { group, rule, known }: { group: RuleGroup; rule: Rule; known: Known }): Generator<Finding> {
  const object = nameOf(rule);
  const { selectors, errorAt } = readingOf(rule.expr);
  if (errorAt !== undefined) {
    yield { object, path: 'expr', rule: 'expression-parses', message: `syntax error at ${errorAt}: …${rule.expr.slice(errorAt, errorAt + 20)}`, fix: 'mend the expression' };
    return;
  }
  for (const selector of selectors) yield* selectorFindings(chain, group, { object, selector, known });
}

function* selectorFindings(chain: Chain, group: RuleGroup, { object, selector, known }: { object: string; selector: Selector; known: Known }): Generator<Finding> {
  const { metric } = selector;
  const labels = metric === undefined ? undefined : known(metric);
  if (metric === undefined || labels === undefined) {
    yield { object, path: 'expr', rule: 'metric-known', message: `reads ${metric ?? 'a metric without a name'}, which no catalogue has`, fix: 'correct the name, or add the family to its catalogue or to monitoring/catalogue' };
    return;
  }
  const isCollected = chain.catalogues.some(({ name, type }) => name === (type === 'histogram' ? metric.replace(/_(bucket|sum|count)$/, '') : metric));
  if (group.place === 'management' && isCollected) {
    yield { object, path: 'expr', rule: 'alert-on-federated', message: `reads ${metric}, which does not leave the workload clusters`, fix: 'record it as keelson:* in a workload group and read that' };
  }
  for (const label of selector.labels.filter((name) => !labels.includes(name))) {
    yield { object, path: 'expr', rule: 'label-known', message: `matches label ${label}, which ${metric} does not have`, fix: `its labels are ${labels.join(', ')}` };
  }
}

function* recordFindings(record: Record, { read, known }: { read: ReadonlySet<string | undefined>; known: Known }): Generator<Finding> {
  const object = record.record;
  if (!new RegExp(`^(?:${federatedNames})$`).test(object)) {
    yield { object, path: 'record', rule: 'record-federated', message: 'the federation does not let the name through', fix: `name it so that it matches ${federatedNames}` };
  }
  if (!read.has(object) && !record.forPeople) {
    yield { object, path: 'record', rule: 'record-read', message: 'no alert and no other record reads it', fix: 'use it, drop it, or say with forPeople who looks at it' };
  }
  const given = [...resultLabels(record.expr, known), ...Object.keys(record.set ?? {})];
  for (const label of record.labels.filter((name) => !given.includes(name))) {
    yield { object, path: 'labels', rule: 'label-dropped', message: `is said to have label ${label}, which its expression does not give`, fix: given.length ? `it gives ${given.join(', ')}` : 'it gives none' };
  }
}
