/** Alertmanager's inhibit rules, from what alerts say hides them. */
import { resultLabels, type LabelsOf } from '../label-flow.ts';
import type { Alert } from '../rules/model.ts';
import { causes, hiddenBy, type CauseSource } from './causes.ts';
import type { InhibitRule } from './model.ts';

/** @param labelsOf labels of every metric that an expression may read */
export function inhibitions(alerts: readonly Alert[], labelsOf: LabelsOf): InhibitRule[] {
  return [louderOverQuieter(alerts, labelsOf), ...Object.entries(causes).flatMap(([cause, sources]) => {
    const effects = alerts.filter((alert) => (hiddenBy(alert) as readonly string[]).includes(cause));
    return sources.flatMap((source) => rulesOf(source, { effects, alerts, labelsOf }));
  })];
}

/**
 * The page about a thing makes the notice about the same thing superfluous. Labels that both lack count as equal to
 * Alertmanager, so the labels of all such alerts may stand in one rule.
 */
function louderOverQuieter(alerts: readonly Alert[], labelsOf: LabelsOf): InhibitRule {
  const twice = alerts.filter(({ alert, severity }) => severity === 'page' && alerts.some((other) => other.alert === alert && other.severity !== 'page'));
  const labels = new Set(twice.flatMap(({ expr }) => resultLabels(expr, labelsOf)));
  return { source_matchers: ['severity="page"'], target_matchers: ['severity=~"notify|ticket"'], equal: ['alertname', 'cluster_id', ...[...labels].filter((label) => !targetOnly.has(label)).sort()] };
}

/** They say where a figure was read, or over which time: the same thing may differ in them. */
const targetOnly = new Set(['job', 'instance', 'pod', 'container', 'service', 'endpoint', 'window', 'cluster_id']);

interface Hiding {
  readonly effects: readonly Alert[];
  readonly alerts: readonly Alert[];
  readonly labelsOf: LabelsOf;
}

/** One rule per source and set of labels in which it agrees with what it hides. */
function rulesOf({ alerts: sources, matchers = [], equal }: CauseSource, { effects, labelsOf }: Hiding): InhibitRule[] {
  const rules = new Map<string, { sources: string[]; targets: string[]; equal: string[] }>();
  for (const [i, source] of sources.entries()) {
    const hidden = effects.filter(({ alert }) => !sources.slice(0, i + 1).includes(alert));
    const byEqual = Map.groupBy(hidden, ({ expr }) => {
      const labels = resultLabels(expr, labelsOf);
      return equal.filter((label) => labels.includes(label)).join(',');
    });
    for (const [agreed, targets] of byEqual) {
      // Nothing in common: it would hide the same alert of every cluster.
      if (!agreed) continue;
      const names = [...new Set(targets.map(({ alert }) => alert))].sort();
      const key = `${agreed}|${names.join()}`;
      const rule = rules.get(key) ?? { sources: [], targets: names, equal: agreed.split(',') };
      rule.sources.push(source);
      rules.set(key, rule);
    }
  }
  return [...rules.values()].map((rule) => ({ source_matchers: [oneOf(rule.sources), ...matchers], target_matchers: [oneOf(rule.targets)], equal: rule.equal }));
}

const oneOf = (names: readonly string[]): string => (names.length === 1 ? `alertname="${names[0]}"` : `alertname=~"${names.join('|')}"`);
