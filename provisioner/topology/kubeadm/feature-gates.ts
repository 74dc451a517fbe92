/** Feature gates of one component in one Kubernetes version. */
import type { Variables } from '../../api/variables/index.ts';
import type { Argument } from './argument.ts';
import { minorOf } from './version.ts';

type Gate = Variables['api']['featureGates'][number];
export type GatedComponent = Gate['components'][number];

/** Gate → on or off. A component exits when it is told a gate it does not know, hence the bounds. */
export function featureGates(gates: readonly Gate[], component: GatedComponent, version: string): Readonly<Record<string, boolean>> {
  const minor = minorOf(version) ?? 0;
  const applies = ({ components, from, until }: Gate): boolean => components.includes(component) && minor >= (minorOf(from ?? '') ?? 0) && minor <= (minorOf(until ?? '') ?? Infinity);
  return Object.fromEntries(gates.filter(applies).map(({ name, enabled }) => [name, enabled]));
}

/** Nothing where no gate is told: an empty value would be one more difference to explain. */
export function featureGateArgument(gates: readonly Gate[], component: GatedComponent, version: string): Argument[] {
  const entries = Object.entries(featureGates(gates, component, version));
  return entries.length ? [{ name: 'feature-gates', value: entries.map(([name, enabled]) => `${name}=${enabled}`).join(',') }] : [];
}
