/**
 * `npm run bench -- monitoring [group …]`: what a cluster sends and how that grows, what rules over a thousand clusters cost,
 * raw federation beside both, and how long it takes from a fault to the receiver. About nine minutes.
 */
import { measureGroups, type Figure } from './figures.ts';
import { delayFigures } from './monitoring/delay.ts';
import { federationFigures } from './monitoring/federation.ts';
import { rulesFigures } from './monitoring/rules.ts';

export const monitoringFigures = (groups: readonly string[]): Promise<Figure[]> => measureGroups({ delay: delayFigures, federation: federationFigures, rules: rulesFigures }, groups);
