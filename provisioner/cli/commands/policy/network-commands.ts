/** The tree of `keelson policy network`; the code of a command is loaded when it runs. */
import { type Command, Option } from 'commander';
import type { CliContext } from '../../context.ts';
import { findingsFormats } from '../../write.ts';
import type { CheckCommandOptions, GenerateCommandOptions, NetworkOptions } from './network.ts';

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, ...value.split(',')];
const files = 'YAML or JSON files, folders of them, charts, or - for standard input';

/** Options that every command has: which contracts, and how charts are rendered. */
function common(command: Command): Command {
  return command
    .addOption(new Option('--cluster <kind>', 'whose contracts').choices(['workload', 'management']).default('workload'))
    .option('--site <file>', "YAML with what differs from the contracts' defaults: ports of the cloud, of CoreDNS, …")
    .option('--tenant <namespace>', 'a namespace that is closed until its tenant opens it (repeatable)', collect, [])
    .option('--namespace <name>', 'namespace that charts are rendered for', 'keelson-system')
    .option('--helm <path>', "the Helm command; default: the sandbox's, else /usr/local/bin/helm");
}

export function addNetworkCommands(policy: Command, context: CliContext): void {
  const network = policy.command('network').description('network policies: contracts, verdicts with their cause, differences');
  common(network.command('check'))
    .argument('[files...]', files)
    .description('contracts and lints; exit code 1 when one does not hold')
    .addOption(new Option('-o, --output <format>', 'how findings are written').choices(findingsFormats).default('table'))
    .option('--ignore <rule>', 'a rule that is not reported (repeatable)', collect, [])
    .action(async (paths: string[], options: CheckCommandOptions) => (await import('./network.ts')).networkCheck(context, paths, options));
  common(network.command('explain'))
    .argument('<from>', 'a component, namespace/pod, node/NAME, an address, apiserver, health')
    .argument('<to>', 'the same, or a DNS name')
    .argument('<port>', "8080, 53/UDP or icmp: the pod's port, not its Service's")
    .argument('[files...]', `${files}; none: the generated policies`)
    .description('why a flow is open or closed, at both ends; exit code 1 when it is closed')
    .addOption(new Option('-o, --output <format>', 'how it is written').choices(['table', 'json']).default('table'))
    .action(async (from: string, to: string, port: string, paths: string[], options: NetworkOptions & { output: 'table' | 'json' }) => (await import('./network.ts')).networkExplain(context, [from, to, port], paths, options));
  common(network.command('generate'))
    .argument('[files...]', `${files}; with them only components whose pods are among them`)
    .description('policies from the contracts')
    .addOption(new Option('--kind <kind>', "Cilium's kinds, or NetworkPolicy with what it cannot say on stderr").choices(['cilium', 'kubernetes']).default('cilium'))
    .addOption(new Option('--hosts <mode>', 'policies of nodes: audit drops nothing').choices(['off', 'audit', 'enforce']).default('audit'))
    .option('--node-cidr <cidr>', 'for NetworkPolicy: addresses of nodes and of the API server (repeatable)', collect, [])
    .action(async (paths: string[], options: GenerateCommandOptions) => (await import('./network.ts')).networkGenerate(context, paths, options));
  common(network.command('diff'))
    .argument('<before>', files)
    .argument('<after>', files)
    .description('which flows opened or closed between two sets of policies, each with an example; exit code 1 when one did')
    .option('--world <path>', 'more manifests, for their pods (repeatable)', collect, [])
    .addOption(new Option('-o, --output <format>', 'how it is written').choices(['table', 'json']).default('table'))
    .action(async (before: string, after: string, options: NetworkOptions & { output: 'table' | 'json'; world: string[] }) => (await import('./network.ts')).networkDiff(context, [before, after], options));
  common(network.command('matrix'))
    .argument('[files...]', `${files}; none: the generated policies`)
    .description('who reaches whom on which ports')
    .option('--svg <file>', 'write a picture as well')
    .addOption(new Option('-o, --output <format>', 'how it is written').choices(['table', 'json']).default('table'))
    .action(async (paths: string[], options: NetworkOptions & { output: 'table' | 'json'; svg?: string }) => (await import('./network.ts')).networkMatrix(context, paths, options));
}
