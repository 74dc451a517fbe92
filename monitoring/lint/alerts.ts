/** Can every alert be read, acted on in time, and found again? */
import { delayLimits, delayToReceiver, secondsOf, slowestDetection } from '../detection.ts';
import { resultLabels } from '../label-flow.ts';
import { labelsIn } from '../labels.ts';
import { alertsOf } from '../rules/index.ts';
import { boardOf, runbookOf, type Alert } from '../rules/model.ts';
import { nameOf, type Chain, type Finding } from './finding.ts';

export function alertFindings(chain: Chain): Finding[] {
  const known = labelsIn(chain);
  const alerts = alertsOf(chain.groups);
  return [...alerts.flatMap((alert) => [...findingsOf(alert, { chain, labels: resultLabels(alert.expr, known) })]), ...componentFindings(chain, alerts)];
}

function* findingsOf(alert: Alert, { chain, labels }: { chain: Chain; labels: readonly string[] }): Generator<Finding> {
  const object = nameOf(alert);
  const found = (path: string, rule: string, message: string, fix: string): Finding => ({ object, path, rule, message, fix });
  if (alert.severity !== 'none' && !chain.runbooks.has(runbookOf(alert))) yield found('alert', 'alert-runbook', `docs/runbooks/${runbookOf(alert)} does not exist`, 'write it in monitoring/runbooks: meaning, impact, confirm, fix, prevent, escalate');
  if (!alert.team) yield found('team', 'alert-owner', 'has no owner', 'say which team owns it');
  if (!boardOf(alert)) yield found('board', 'alert-board', `its area ${alert.area} has no board`, 'name one with board');
  if (alert.severity === 'page' && alert.hiddenBy !== undefined && !alert.impact) yield found('impact', 'page-impact', 'does not say who feels it', 'say it in a few words with impact');
  if (!alert.isFleetWide && alert.area !== 'keelson' && alert.severity !== 'none' && !labels.includes('cluster_id')) {
    yield found('expr', 'label-dropped', 'drops cluster_id: it makes one alert of all clusters', 'keep cluster_id in every aggregation, or say isFleetWide');
  }
  if (labels.includes('cluster_id') && !labels.includes('organization')) {
    yield found('expr', 'organization-kept', 'keeps cluster_id and drops organization: no Silence of a tenant and no route to its contact ever matches it', 'keep organization beside cluster_id in every aggregation');
  }
  const shown = [...labels, 'severity', 'team', 'area', ...optional];
  for (const path of ['summary', 'description', 'impact'] as const) {
    for (const [, label = ''] of (alert[path] ?? '').matchAll(/\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)/g)) {
      if (!shown.includes(label)) yield found(path, 'template-label', `shows $labels.${label}, which the expression drops`, `use one of ${labels.join(', ') || 'none: it gives no label'}`);
    }
  }
  for (const path of ['for', 'detectWithin', 'keepFiringFor'] as const) {
    const duration = alert[path];
    if (duration !== undefined && Number.isNaN(secondsOf(duration))) yield found(path, 'duration', `"${duration}" is not a Prometheus duration`, 'write for example 15m');
  }
  const { typical, most } = delayToReceiver(alert, chain.groups, secondsOf(chain.config.route.group_wait ?? '30s'));
  if (typical > delayLimits.typical || most > delayLimits.most) {
    yield found('for', 'delivery-in-time', `takes ${typical} s from the fault to the receiver as a rule and up to ${most} s, beyond its "for"`, `shorten an interval on the way: ${delayLimits.typical} s and ${delayLimits.most} s are promised`);
  }
  const slowest = slowestDetection(alert, chain.groups);
  if (alert.detectWithin !== undefined && secondsOf(alert.detectWithin) < slowest) {
    yield found('detectWithin', 'detect-possible', `promises ${alert.detectWithin}, and scrape, records, federation and "for" take up to ${slowest} s`, 'promise what is possible, or shorten an interval on the way');
  }
}

/** Texts ask whether they are there. */
const optional = ['cluster_id', 'region', 'organization'];

/** A component whose failure nobody has thought about. */
function componentFindings({ components }: Chain, alerts: readonly Alert[]): Finding[] {
  const names = new Set(alerts.map(({ alert }) => alert));
  return components.flatMap(({ name, workloads, alerts: watched }) => [
    ...watched.filter((alert) => !names.has(alert)).map((alert) => ({ object: name, path: 'alerts', rule: 'component-alert', message: `is said to be watched by ${alert}, which does not exist`, fix: 'correct the name in monitoring/catalogue/components.ts' })),
    ...(workloads.length || watched.length ? [] : [{ object: name, path: 'alerts', rule: 'component-watched', message: 'no alert looks at it', fix: 'name its workloads or alerts in monitoring/catalogue/components.ts' }]),
  ]);
}
