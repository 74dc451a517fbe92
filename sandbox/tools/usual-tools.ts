/** The tools that `--all` builds: those of a fleet, of tests and of benches. */
import { families } from './families.ts';
import { type ToolName, tools } from './pins.ts';

/** All but those that only deep tests need. */
export function usualToolNames(): ToolName[] {
  const deep = new Set(families.filter(({ onDemand }) => onDemand === 'deep').map(({ name }) => name));
  return tools.filter(({ family }) => !deep.has(family)).map(({ name }) => name);
}
