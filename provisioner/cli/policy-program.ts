/** The sub-commands of `keelson policy`: manifests offline, with verdict, cause and fix. */
import { Option, type Command } from 'commander';
import { addNetworkCommands } from './commands/policy/network-commands.ts';
import type { TenancyCommandOptions } from './commands/policy/tenancy.ts';
import type { CliContext } from './context.ts';
import { findingsFormats } from './write.ts';

const filesHelp = 'files or folders with manifests; - or nothing for standard input, as in: helm template CHART | keelson policy …';
export const findingsOutput = (): Option => new Option('-o, --output <format>', 'how findings are written').choices(findingsFormats).default('table');

export function addPolicyCommands(program: Command, context: CliContext, count: (text: string) => number): void {
  const policy = program.command('policy').description('check manifests: pods, networks, tenancy; exit code 1 when something is wrong');
  policy
    .command('tenancy')
    .argument('[files...]', filesHelp)
    .description('quotas, limits and disruption budgets that cannot work, and rights by which a role grows')
    .option('--nodes <n>', 'nodes of the cluster: what a DaemonSet is counted with', count)
    .option('--platform-namespace <name...>', "the platform's namespaces (default: kube-system, keelson-system)")
    .option('--group-prefix <prefix...>', 'what groups of the identity provider begin with, as "oidc:"')
    .option('--allowed <file>', 'findings that are meant: YAML list of {object, rule, reason}')
    .addOption(findingsOutput())
    .action(async (files: string[], options: TenancyCommandOptions) => (await import('./commands/policy/tenancy.ts')).policyTenancy(context, files, options));
  addNetworkCommands(policy, context);
}
