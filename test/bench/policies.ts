/** `npm run bench -- policies [group …]`: one group of figures for each kind of policy. */
import type { Figure } from './figures.ts';
import { networkCheckFigures } from './network-check.ts';
import { networkFigures } from './network.ts';
import { podsFigures } from './pods.ts';

const groupsOfFigures: Readonly<Record<string, () => Promise<readonly Figure[]>>> = { network: networkFigures, 'network-check': networkCheckFigures, pods: podsFigures };

/** @throws RangeError for a group that does not exist */
export async function policiesFigures(groups: readonly string[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of groups.length > 0 ? groups : Object.keys(groupsOfFigures)) {
    const measure = groupsOfFigures[name];
    if (!measure) throw new RangeError(`no group ${name}; there are ${Object.keys(groupsOfFigures).join(', ')}`);
    figures.push(...(await measure()));
  }
  return figures;
}
