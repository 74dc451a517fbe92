/** `npm run bench -- policies [group …]`: one group of figures for each kind of policy. */
import { measureGroups, type Figure } from './figures.ts';
import { networkCheckFigures } from './network-check.ts';
import { networkFigures } from './network.ts';
import { podsFigures } from './pods.ts';

export const policiesFigures = (groups: readonly string[]): Promise<Figure[]> => measureGroups({ network: networkFigures, 'network-check': networkCheckFigures, pods: podsFigures }, groups);
