/** `keelson alerts lint`: the whole chain from exporter to person, with the routing of a file or of the chart. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fleetBoards } from '../../../../dashboards/boards.ts';
import { watchedComponents } from '../../../../monitoring/catalogue/components.ts';
import { foreignFamilies } from '../../../../monitoring/catalogue/index.ts';
import { ownCatalogues } from '../../../../monitoring/labels.ts';
import { lint, type Finding } from '../../../../monitoring/lint.ts';
import { renderRouting } from '../../../../monitoring/routes/config.ts';
import { ruleGroups } from '../../../../monitoring/rules/index.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { write } from '../../write.ts';
import { readRouting } from './routing-file.ts';

export interface LintOptions extends OutputOptions {
  readonly routing?: string;
}

/** @throws CliError CLI_FILE_UNREADABLE where the runbooks are not beside the program; see also readRouting */
export async function alertsLint(context: CliContext, options: LintOptions): Promise<void> {
  const config = renderRouting(await readRouting(options.routing));
  const findings = lint({ catalogues: ownCatalogues, foreign: foreignFamilies, groups: ruleGroups, config, components: watchedComponents, boards: fleetBoards.map((build) => build()), runbooks: await readRunbooks(join(context.repository, 'docs/runbooks')) });
  write(context, options.output, findings, () => table(findings));
  if (findings.length) context.setExitCode(1);
}

/** File name → text. */
export async function readRunbooks(folder: string): Promise<ReadonlyMap<string, string>> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.md')).sort();
    return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)));
  } catch (error) {
    throw new CliError('CLI_FILE_UNREADABLE', `cannot read the runbooks in ${folder}: run it in a checkout of Keelson`, { cause: error });
  }
}

function table(findings: readonly Finding[]): string {
  const blocks = findings.map(({ object, path, rule, message, fix }) => `${object}\n  ${rule}  ${path ? `${path}: ` : ''}${message}\n          ${fix}\n`);
  return `${blocks.join('\n')}${findings.length ? '\n' : ''}${ruleGroups.flatMap(({ rules }) => rules).length} rules checked, ${findings.length} finding${findings.length === 1 ? '' : 's'}\n`;
}
