/** The sub-commands of `keelson policy`: manifests offline, with verdict, cause and fix. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { addNetworkCommands } from './commands/policy/network-commands.ts';
import type { PodsCommandOptions } from './commands/policy/pods.ts';
import type { TenancyCommandOptions } from './commands/policy/tenancy.ts';
import type { CliContext, OutputOptions } from './context.ts';
import { findingsFormats } from './write.ts';

const filesHelp = 'files or folders with manifests; - or nothing for standard input, as in: helm template CHART | keelson policy …';
export const findingsOutput = (): Option => new Option('-o, --output <format>', 'how findings are written').choices(findingsFormats).default('table');

const kindPath = (text: string, known: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => {
  const [, kind, path] = /^([A-Z][A-Za-z]*(?:\.[a-z0-9.-]+)?)=([A-Za-z]+(?:\.[A-Za-z]+)*)$/.exec(text) ?? [];
  if (kind === undefined || path === undefined) throw new InvalidArgumentError('write KIND.GROUP=PATH, as Rollout.argoproj.io=spec.template');
  return { ...known, [kind]: path };
};

export function addPolicyCommands(program: Command, context: CliContext, count: (text: string) => number): void {
  const policy = program.command('policy').description('check manifests: pods, networks, tenancy; exit code 1 when something is wrong');
  policy
    .command('pods')
    .argument('[files...]', filesHelp)
    .description('pods, and controllers by their templates, against the Pod Security Standards')
    .addOption(new Option('--level <level>', 'what they should meet').choices(['privileged', 'baseline', 'restricted']).default('restricted'))
    .option('--version <version>', 'version of the standard: v1.25 and later, or latest', 'latest')
    .option('--kubeconfig <file>', 'judge what runs in this cluster instead of files')
    .option('--kind <kind=path>', 'where a further kind has its pod template, as Rollout.argoproj.io=spec.template (repeatable)', kindPath)
    .option('--exceptions <file>', 'exceptions that count: YAML list as in the values of the chart policies')
    .option('--suggest-exception', 'print the smallest exceptions under which the objects pass')
    .option('--review-exceptions', 'print which of --exceptions are too wide, unused or over')
    .option('--namespace <name>', 'for --suggest-exception: namespace of objects that name none')
    .addOption(findingsOutput())
    .action(async (files: string[], options: PodsCommandOptions) => (await import('./commands/policy/pods.ts')).policyPods(context, files, options));
  policy
    .command('psp')
    .argument('[files...]', 'files with PodSecurityPolicies; - or nothing for standard input')
    .description('what the Pod Security Standards keep of a PodSecurityPolicy, what is lost, which exceptions take its place')
    .addOption(new Option('-o, --output <format>', 'how it is written').choices(['table', 'json', 'yaml']).default('table'))
    .action(async (files: string[], options: OutputOptions) => (await import('./commands/policy/psp.ts')).policyPsp(context, files, options));
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
