/** Does everybody who should hear of something hear of it, and can every inhibition match? */
import { resultLabels } from '../label-flow.ts';
import { labelsIn } from '../labels.ts';
import { nobody, unrouted } from '../routes/config.ts';
import type { InhibitRule, Route } from '../routes/model.ts';
import { matches, receiversOf, type AlertLabels } from '../routes/walk.ts';
import { alertsOf } from '../rules/index.ts';
import type { Alert } from '../rules/model.ts';
import { nameOf, type Chain, type Finding } from './finding.ts';

export function routeFindings(chain: Chain): Finding[] {
  return [...unreceived(chain), ...unusedReceivers(chain), ...inhibitionFindings(chain)];
}

/** Labels that every alert has. */
const alwaysThere: readonly string[] = ['alertname', 'severity', 'team', 'area'];

/** Their values, known before it fires. */
const fixed = ({ alert, severity, team, area }: Alert): AlertLabels => ({ alertname: alert, severity, team, area });

function unreceived({ groups, config }: Chain): Finding[] {
  return alertsOf(groups).filter((alert) => receiversOf(config.route, fixed(alert)).some((receiver) => receiver === unrouted || (receiver === nobody && alert.severity !== 'none'))).map((alert) => (
    { object: nameOf(alert), path: 'severity', rule: 'alert-routed', message: `no route takes severity ${alert.severity} of team ${alert.team}`, fix: 'add a route in monitoring/routes' }));
}

function unusedReceivers({ config }: Chain): Finding[] {
  const used = new Set(receiversIn(config.route));
  const defined = config.receivers.map(({ name }) => name);
  return [
    ...defined.filter((name) => !used.has(name)).map((name) => ({ object: `receiver ${name}`, path: 'receivers', rule: 'receiver-used', message: 'no route leads to it', fix: 'remove it, or name it in a route' })),
    ...[...used].filter((name) => !defined.includes(name)).map((name) => ({ object: `receiver ${name}`, path: 'route', rule: 'receiver-defined', message: 'a route leads to it, and it is not there', fix: 'define it under receivers' })),
  ];
}

function receiversIn({ receiver, routes = [] }: Route): string[] {
  return [...(receiver === undefined ? [] : [receiver]), ...routes.flatMap(receiversIn)];
}

/**
 * A rule without an alert on one of its sides does nothing, and neither does one whose two sides never agree: Alertmanager
 * takes labels that both lack as equal, so what counts is a label that one side has and the other has not.
 */
function inhibitionFindings(chain: Chain): Finding[] {
  const known = labelsIn(chain);
  const alerts = alertsOf(chain.groups).map((alert) => ({ alert, labels: resultLabels(alert.expr, known) }));
  type Side = (typeof alerts)[number];
  const side = (matchers: readonly string[]): Side[] => alerts.filter(({ alert }) => matchers.filter(isFixed).every((matcher) => matches(matcher, fixed(alert))));
  return chain.config.inhibit_rules.flatMap((rule: InhibitRule, i): Finding[] => {
    const [sources, targets] = [side(rule.source_matchers), side(rule.target_matchers)];
    const found = (message: string): Finding => ({ object: `inhibit_rules[${i}]`, path: `${rule.source_matchers.join(', ')} → ${rule.target_matchers.join(', ')}`, rule: 'inhibition-matches', message, fix: 'correct the names, the matchers or equal in monitoring/routes/causes.ts' });
    if (!sources.length || !targets.length) return [found(`no alert can be its ${sources.length ? 'target' : 'source'}`)];
    const own = rule.equal.filter((label) => !alwaysThere.includes(label));
    const canAgree = sources.some((a) => targets.some((b) => own.every((label) => a.labels.includes(label) === b.labels.includes(label))));
    return canAgree ? [] : [found(`source and target never agree in ${own.join(', ')}`)];
  });
}

/** Matchers on other labels depend on what fires. */
const isFixed = (matcher: string): boolean => /^(alertname|severity|team|area)(=|!)/.test(matcher);
