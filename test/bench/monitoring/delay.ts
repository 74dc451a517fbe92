/** From a fault to the receiver at the charts' intervals, beyond what an alert must hold: added up for every alert, as the lint does. */
import { delayLimits, delayToReceiver, secondsOf } from '../../../monitoring/detection.ts';
import { defaultRouting } from '../../../monitoring/routes/config.ts';
import { alertsOf, ruleGroups } from '../../../monitoring/rules/index.ts';
import type { Figure } from '../figures.ts';

export function delayFigures(): Figure[] {
  const alerts = alertsOf(ruleGroups).filter(({ severity }) => severity !== 'none');
  const delays = alerts.map((alert) => ({ name: alert.alert, ...delayToReceiver(alert, ruleGroups, secondsOf(defaultRouting.groupWait)) }));
  const slowest = delays.reduce((a, b) => (b.most > a.most ? b : a));
  return [
    { what: 'from fault to receiver beyond `for`, p50 of the slowest alert', measured: Math.max(...delays.map(({ typical }) => typical)) / 60, unit: 'min', goal: delayLimits.typical / 60, note: `computed for ${alerts.length} alerts` },
    { what: 'from fault to receiver beyond `for`, at most', measured: slowest.most / 60, unit: 'min', goal: delayLimits.most / 60, note: `computed; ${delays.filter(({ most }) => most === slowest.most).length} alerts take so long, ${slowest.name} among them` },
  ];
}
