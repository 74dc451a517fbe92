/**
 * The test command. `npm test` runs every stage; `npm run test:unit` and friends run one, `npm run test:deep -- chaos` the
 * deep tests whose path has that word. Each stage prints its seconds, skipped tests print their reason, the last line is
 * `N passed, N failed[, N skipped]` and the exit code says the same.
 */
import { printClosing, runStages } from './runner/stages.ts';
import { allStages, stagesFor } from './runner/plan.ts';

const [kind = 'all', path] = process.argv.slice(2);
const stages = kind === 'all' ? allStages : stagesFor(kind, path);
if (!stages) {
  console.error(`unknown kind of tests "${kind}": unit, integration, e2e, deep or nothing for all`);
  process.exit(2);
}
const results = await runStages(stages);
process.exitCode = printClosing(results);
