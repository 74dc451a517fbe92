/** What the test command runs, in order. Tool builds run beside the unit tests: both are long and the first start needs both. */
import { add, commandAsTest, commandWithTally, jest, type Stage } from './stages.ts';

const unitFiles = String.raw`test/.*(?<!\.integration|\.e2e|\.deep)\.test\.ts$`;

const statics: Stage = {
  name: 'types, lint, directions, rendered files',
  run: async () =>
    add(
      await commandAsTest('types', ['node_modules/.bin/tsc', '--noEmit']),
      await commandAsTest('lint', ['node_modules/.bin/eslint', '.', '--max-warnings=0']),
      await commandAsTest('dependency directions', ['node_modules/.bin/depcruise', '--config', '.dependency-cruiser.mjs', 'exporters', 'policies', 'dashboards', 'monitoring', 'provisioner', 'charts', 'sandbox', 'test']),
    ),
};

const packages: Stage = { name: 'system packages', run: () => commandAsTest('system packages', ['node', 'sandbox/packages/main.ts', '--tests']) };
const unit: Stage = { name: 'unit tests', run: () => jest(unitFiles) };
const tools: Stage = { name: 'tools', run: () => commandAsTest('tools', ['node', 'sandbox/tools/main.ts', '--all']) };
const deepTools: Stage = { name: 'tools', run: () => commandAsTest('tools', ['node', 'sandbox/tools/main.ts', '--deep']) };
/** Rendering reads the pinned Go modules, which the tool builds bring. */
const rendered: Stage = { name: 'rendered files', run: () => commandAsTest('npm run render leaves the tree unchanged', ['node', 'charts/render/main.ts', '--check']) };
const unitBesideTools: Stage = { name: 'unit tests, tool builds beside them', run: async () => add(...(await Promise.all([unit.run(), tools.run()]))) };
/** Suites that compare the machine before and after, or measure what happens on it: one at a time, with nothing beside them. */
const alone = String.raw`test/(sandbox/(cri|faults|machines|network|world)|exporters/net/field)/`;
/** For tests and hooks that say nothing of it: processes end in their own time where others run beside them; five seconds are the default. */
const patience = '--testTimeout=30000';
const integrationAlone: Stage = { name: 'integration tests, one at a time', run: () => jest(String.raw`${alone}.*\.integration\.test\.ts$`, ['--runInBand', patience]) };
/** The others mostly wait for the API server that each has of its own. */
const integration: Stage = { name: 'integration tests, three at a time', run: () => jest(String.raw`^(?!.*/${alone}).*\.integration\.test\.ts$`, ['--maxWorkers=3', patience]) };
const simulation: Stage = { name: 'OpenStack contract, simulation', run: () => commandWithTally(['node', 'test/openstack/main.ts', '--simulation']) };
const endToEnd: Stage = { name: 'end to end', run: () => jest(String.raw`\.e2e\.test\.ts$`, ['--runInBand']) };

export const allStages: readonly Stage[] = [packages, statics, unitBesideTools, rendered, integrationAlone, integration, simulation, endToEnd];

const deep = (path: string): Stage => ({ name: 'deep tests', run: () => jest(String.raw`${path}.*\.deep\.test\.ts$`, ['--runInBand'], { KEELSON_DEEP: '1' }) });

/** The stages of one kind of tests; undefined for a kind that does not exist. @param path of deep tests, which take hours together: only those whose path has it, as a regular expression */
export function stagesFor(kind: string, path = ''): readonly Stage[] | undefined {
  const single: Record<string, readonly Stage[]> = {
    unit: [unit],
    integration: [packages, tools, integrationAlone, integration],
    e2e: [packages, tools, endToEnd],
    deep: [packages, deepTools, deep(path)],
  };
  return single[kind];
}
