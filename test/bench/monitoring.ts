/**
 * `npm run bench -- monitoring [group …]`: what a cluster sends and how that grows, what rules over a thousand clusters cost,
 * raw federation beside both, and how long it takes from a fault to the receiver. About nine minutes.
 */
import type { Figure } from './figures.ts';
import { delayFigures } from './monitoring/delay.ts';
import { federationFigures } from './monitoring/federation.ts';
import { rulesFigures } from './monitoring/rules.ts';

const groupsOfFigures: Readonly<Record<string, () => Promise<readonly Figure[]> | readonly Figure[]>> = { delay: delayFigures, federation: federationFigures, rules: rulesFigures };

/** @throws RangeError for a group that does not exist */
export async function monitoringFigures(groups: readonly string[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of groups.length > 0 ? groups : Object.keys(groupsOfFigures)) {
    const measure = groupsOfFigures[name];
    if (!measure) throw new RangeError(`no group ${name}; there are ${Object.keys(groupsOfFigures).join(', ')}`);
    figures.push(...(await measure()));
  }
  return figures;
}
