/** `keelson alerts route`: walks the tree with the labels of one alert and says why it goes where it goes. */
import { renderRouting, nobody, unrouted } from '../../../../monitoring/routes/config.ts';
import type { InhibitRule } from '../../../../monitoring/routes/model.ts';
import { couldHide, stopsOf, type AlertLabels, type Stop } from '../../../../monitoring/routes/walk.ts';
import { alertsOf, ruleGroups } from '../../../../monitoring/rules/index.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { write } from '../../write.ts';
import { readRouting } from './routing-file.ts';

export interface RouteOptions extends OutputOptions {
  readonly routing?: string;
}

/** @throws CliError CLI_BAD_OPTION for an alert that does not exist; see also readRouting */
export async function alertsRoute(context: CliContext, given: AlertLabels, options: RouteOptions): Promise<void> {
  const config = renderRouting(await readRouting(options.routing));
  const labels = completed(given);
  const stops = stopsOf(config.route, labels);
  const hiding = couldHide(config, labels);
  write(context, options.output, { labels, receivers: stops, hiddenWhile: hiding }, () => explanation(labels, stops, hiding));
  if (stops.every(({ receiver }) => receiver === unrouted)) context.setExitCode(1);
}

/** With what an alert of this name always has, where it is one of ours; what was given wins. */
function completed(given: AlertLabels): AlertLabels {
  const { alertname, severity } = given;
  if (alertname === undefined) return { team: 'platform', ...given };
  const named = alertsOf(ruleGroups).filter(({ alert }) => alert === alertname);
  const found = named.find((alert) => severity === undefined || alert.severity === severity);
  if (named.length && !found) throw new CliError('CLI_BAD_OPTION', `${alertname} is never of severity ${severity}; it is ${named.map((alert) => alert.severity).join(' or ')}`);
  return found ? { severity: found.severity, team: found.team, area: found.area, ...given } : given;
}

function explanation(labels: AlertLabels, stops: readonly Stop[], hiding: readonly InhibitRule[]): string {
  const lines = [`An alert with ${Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')} goes to:`, ''];
  for (const stop of stops) lines.push(...stopLines(stop));
  if (hiding.length) {
    lines.push('', 'It is hidden while one of these fires:');
    for (const { source_matchers: source, equal } of hiding) lines.push(`  ${source.join(', ')}, with the same ${equal.join(', ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function stopLines({ receiver, because, during, groupWait, groupInterval, repeatInterval, groupBy }: Stop): string[] {
  const what = receiver === unrouted ? `${receiver}: nobody is told; it stands in Alertmanager` : receiver === nobody ? `${receiver}: it only hides others` : receiver;
  return [
    `  ${what}`,
    `    because  ${because.join(', ') || 'no route takes it'}`,
    `    when     after ${groupWait}, changes after ${groupInterval}, again every ${repeatInterval}${during.length ? `, only during ${during.join(', ')}` : ''}`,
    `    grouped  by ${groupBy.join(', ')}`,
  ];
}
