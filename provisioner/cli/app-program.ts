/** `keelson app …` */
import { type Command, Option } from 'commander';
import type { AppOptions } from './commands/app/load.ts';
import type { CliContext, OutputOptions } from './context.ts';

export function addAppCommands(program: Command, context: CliContext): void {
  const app = program.command('app').description('Apps: Helm releases in clusters');
  const about = (command: Command): Command =>
    command
      .argument('<name>', 'the App')
      .option('--kubeconfig <file>', 'the management cluster; default: KUBECONFIG')
      .option('-n, --namespace <name>', 'namespace of the App')
      .option('--charts-dir <folder>', 'charts that ship with Keelson; default: those of this one')
      .addOption(new Option('--helm <path>', 'the Helm command').default('helm'))
      .addOption(new Option('-o, --output <format>', 'how results are written').choices(['table', 'json', 'yaml']).default('table'));
  about(app.command('values'))
    .description('each value of the release and where it was set')
    .option('--all', "the chart's own values too, which nobody set")
    .option('--show-secrets', 'values of Secrets in the clear')
    .action(async (name: string, options: AppOptions & OutputOptions & { all?: true; showSecrets?: true }) => (await import('./commands/app/values.ts')).appValues(context, name, options));
  about(app.command('diff'))
    .description('what installing the App now would change in its cluster; exit code 1 when something')
    .action(async (name: string, options: AppOptions & OutputOptions) => (await import('./commands/app/diff.ts')).appDiff(context, name, options));
  about(app.command('tree'))
    .description('what the App made, down to its pods, and how it is; exit code 1 while something is not healthy')
    .action(async (name: string, options: AppOptions & OutputOptions) => (await import('./commands/app/tree.ts')).appTree(context, name, options));
}
