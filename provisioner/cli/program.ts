/** The tree of sub-commands. Each command's code is loaded when it runs, so that `keelson operator` never loads the sandbox. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CliContext, OutputOptions } from './context.ts';
import { addAlertsCommands } from './alerts-program.ts';
import { addAppCommands } from './app-program.ts';
import { addAccessCommands } from './access-program.ts';
import { addPolicyCommands, findingsOutput } from './policy-program.ts';
import type { PreviewOptions } from './commands/boards/preview.ts';
import type { ExportOptions, ImportOptions } from './commands/cluster/export.ts';
import type { LoginOptions } from './commands/cluster/login.ts';
import type { ManagementOptions } from './commands/cluster/management.ts';
import type { FederationProxyCommandOptions } from './commands/federation-proxy.ts';
import type { ImagesListOptions } from './commands/images.ts';
import type { MetricsRelayCommandOptions } from './commands/metrics-relay.ts';
import type { OperatorCommandOptions } from './commands/operator.ts';
import type { ExtensionCommandOptions } from './commands/topology-extension.ts';
import type { PreflightCommandOptions } from './commands/preflight.ts';
import type { UpCommandOptions } from './commands/up.ts';
import { addSandboxFaults } from './sandbox-commands.ts';

const port = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return value;
};
const count = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('give a whole number from 1 up');
  return value;
};
const number = (text: string): number => {
  if (!/^-?\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('give a whole number');
  return Number(text);
};
const commaSeparated = (text: string): string[] => text.split(',').filter((part) => part !== '');
const urls = (text: string): string[] => {
  const list = commaSeparated(text);
  for (const url of list) if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) throw new InvalidArgumentError(`${url} is no http or https address`);
  return list;
};
const kubernetesVersion = (text: string): string => {
  if (!/^v1\.\d{1,3}\.\d{1,3}$/.test(text)) throw new InvalidArgumentError('write it like v1.36.3');
  return text;
};
const list = (text: string): string[] => text.split(',').map((part) => part.trim()).filter((part) => part !== '');
const output = (): Option => new Option('-o, --output <format>', 'how results are written').choices(['table', 'json', 'yaml']).default('table');

export function buildProgram(context: CliContext): Command {
  const program = new Command('keelson')
    .description('Runs fleets of Kubernetes clusters on OpenStack')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.stdout.write(text), writeErr: (text) => context.stderr.write(text) })
    .showHelpAfterError('(keelson --help lists the commands)');
  addSandboxCommands(program, context);
  addSandboxFaults(program, context, output);
  addClusterCommands(program, context);
  addAppCommands(program, context);
  addAccessCommands(program, context, output);
  addPreflight(program, context);
  addImageCommands(program, context);
  addBoards(program, context);
  addPolicyCommands(program, context, count);
  addAlertsCommands(program, context);
  addProcesses(program, context);
  return program;
}

function addSandboxCommands(program: Command, context: CliContext): void {
  program
    .command('up')
    .description('start the fleet in a box: a simulated OpenStack, a management cluster, workload clusters with their components')
    .option('--control-planes <1|3>', 'control plane servers of each cluster', number)
    .option('--workers <n>', 'worker servers of each cluster, spread over three zones', number)
    .option('--clusters <n>', 'workload clusters', number)
    .option('--organizations <n>', 'tenants in place of --clusters: each with an OpenStack project, people and one cluster of its own', number)
    .option('--kubernetes-version <version>', 'Kubernetes of new workload clusters; an older one than usual is built first')
    .option('--volumes', 'volumes of the cloud for pods: Cinder CSI and snapshots in every cluster; their programs are built first')
    .option('--once', 'up, demo and down in one go, then a report; the exit code says whether all held')
    .option('--no-packages', 'do not install missing system packages; name them and stop')
    .addOption(output())
    .action(async (options: UpCommandOptions) => (await import('./commands/up.ts')).up(context, options));
  program
    .command('down')
    .description('stop the fleet: no process, namespace, mount or file is left but the cache and the state folder')
    .action(async () => (await import('./commands/down.ts')).down(context));
  program
    .command('status')
    .description('the running fleet: clusters, components, pages, addresses')
    .addOption(output())
    .action(async (options: OutputOptions) => (await import('./commands/status.ts')).status(context, options));
  program
    .command('demo')
    .description('make a certificate that expires in a day, wait for its page, repair it, wait until the page is resolved')
    .addOption(output())
    .action(async (options: OutputOptions) => (await import('./commands/demo.ts')).demo(context, options));
  const tools = program.command('tools').description('the pinned tools of the sandbox');
  tools
    .command('path')
    .description('print the folder that holds the tools, to put on PATH')
    .action(async () => (await import('./commands/tools.ts')).toolsPath(context));
}

function addClusterCommands(program: Command, context: CliContext): void {
  const cluster = program.command('cluster').description('workload clusters');
  const managed = (command: Command): Command => command.option('--kubeconfig <file>', 'the management cluster; default: KUBECONFIG').option('-n, --namespace <name>', 'namespace of the Cluster');
  managed(cluster.command('kubeconfig'))
    .argument('[name]', 'the cluster; in the sandbox "management" for the management cluster', 'demo')
    .description('log in to a cluster: prints a kubeconfig that is yours alone and ends by itself; without --kubeconfig and KUBECONFIG that of the sandbox')
    .option('--role <role>', 'reader, editor, admin or automation; default: the widest that you have')
    .option('--namespaces <names>', "where the role holds, separated by commas; default: every namespace that is not the platform's", list)
    .option('--ttl <duration>', 'how long, 10m to 12h', '1h')
    .option('--reason <text>', 'why, for those who look later')
    .option('--admin', "as cluster-admin, for an hour at most: for the fleet's owners; leaves an event and an alert, and needs --reason")
    .action(async (name: string, options: LoginOptions) => (await import('./commands/kubeconfig.ts')).clusterKubeconfig(context, name, options));
  managed(cluster.command('plan'))
    .argument('[files...]', 'files with Clusters; - or nothing for standard input')
    .description('what applying a Cluster would replace, keep or be refused; exit code 1 when something is refused')
    .addOption(output())
    .action(async (files: string[], options: ManagementOptions & OutputOptions) => (await import('./commands/cluster/plan.ts')).clusterPlan(context, files, options));
  managed(cluster.command('status'))
    .argument('<name>', 'the Cluster')
    .description('one page on a cluster that is made, changed or deleted; exit code 1 while it is not available')
    .addOption(output())
    .action(async (name: string, options: ManagementOptions & OutputOptions) => (await import('./commands/cluster/status.ts')).clusterStatus(context, name, options));
  managed(cluster.command('export'))
    .argument('<name>', 'the Cluster')
    .requiredOption('-f, --file <file>', 'where to write; must not be there yet')
    .option('--passphrase-file <file>', 'default: KEELSON_PASSPHRASE')
    .description('its certificate authorities, encryption key, credentials and objects, in one file that a passphrase opens')
    .action(async (name: string, options: ExportOptions) => (await import('./commands/cluster/export.ts')).clusterExport(context, name, options));
  managed(cluster.command('import'))
    .argument('<file>', 'what export wrote')
    .option('--passphrase-file <file>', 'default: KEELSON_PASSPHRASE')
    .option('--adopt', 'create the Cluster too, with the machines that run; the former management cluster must not act on them any more')
    .description('put them into another management cluster, before the Cluster is created there')
    .addOption(output())
    .action(async (file: string, options: ImportOptions) => (await import('./commands/cluster/export.ts')).clusterImport(context, file, options));
}

function addPreflight(program: Command, context: CliContext): void {
  program
    .command('preflight')
    .argument('[files...]', 'files with Clusters; - or nothing for standard input')
    .description('whether a cloud has what a Cluster needs: credentials, quotas, names, ranges; exit code 1 when it has not')
    .option('--clouds <file>', 'clouds.yaml; default: where the openstack command looks')
    .option('--cloud <name>', "entry of clouds.yaml; default: the Cluster's own")
    .option('--kubeconfig <file>', 'management cluster: the Secret beside the Cluster is used, and what runs already counts')
    .option('--management', 'check the management cluster itself: versions, gates, webhooks, rights')
    .addOption(findingsOutput())
    .action(async (files: string[], options: PreflightCommandOptions) => (await import('./commands/preflight.ts')).preflightCommand(context, files, options));
}

function addImageCommands(program: Command, context: CliContext): void {
  program
    .command('image')
    .description('node images')
    .command('check-script')
    .description('prints a script that checks a server booted from an image: keelson image check-script --kubernetes-version v1.36.3 | ssh node sudo sh -s')
    .requiredOption('--kubernetes-version <version>', 'the Kubernetes it is for', kubernetesVersion)
    .action(async (options: { kubernetesVersion: string }) => (await import('./commands/image.ts')).imageCheckScript(context, options));
  const images = program.command('images').description('container images');
  images
    .command('list')
    .description('every image that the clusters of a bundle run, with digests where they are known, for a mirror')
    .option('--bundle <file>', 'a ClusterBundle; default: the one that comes with this Keelson')
    .option('--bundle-values <file>', 'chart values per app, as values.bundleValues of the chart keelson')
    .option('--management', 'also what the management cluster runs beside the bundle')
    .option('--registry-prefix <prefix>', 'also where each is in a mirror: registry, or registry and path, in place of its registry')
    .option('--layouts <folder>', 'image layouts of npm run images, for the digests of our own images')
    .option('--charts-dir <folder>', 'charts; default: those of the checkout or of the image')
    .option('--helm <path>', 'the Helm command')
    .addOption(output())
    .action(async (options: ImagesListOptions) => (await import('./commands/images.ts')).imagesList(context, options));
}

function addBoards(program: Command, context: CliContext): void {
  program
    .command('boards')
    .description('the Grafana boards')
    .command('preview')
    .description('draw every board with the data of a Prometheus, as one page that needs no Grafana')
    .requiredOption('--prometheus <url>', 'of the management cluster: http://host:port; keelson status says that of the sandbox')
    .option('--cluster-prometheus <url>', 'of one cluster, for the boards that show it from inside')
    .option('--file <path>', 'where the page is written', 'boards.html')
    .option('--hours <n>', 'how far back lines go', count, 1)
    .addOption(output())
    .action(async (options: PreviewOptions) => (await import('./commands/boards/preview.ts')).boardsPreview(context, options));
}

function addProcesses(program: Command, context: CliContext): void {
  program
    .command('operator')
    .description('the reconcilers of a management cluster (runs in a pod)')
    .option('--namespace <name>', 'namespace of the Lease, the CA and the class', 'keelson-system')
    .option('--charts-dir <folder>', 'charts of the components', '/charts')
    .option('--helm <path>', 'the Helm command', '/usr/local/bin/helm')
    .option('--bundles-dir <folder>', 'ClusterBundles that come with this Keelson, one YAML file each')
    .option('--bundle-settings <file>', 'YAML: which bundle clusters have, what is left out, where images come from')
    .option('--bundle-values <file>', 'YAML with chart values per app of the bundle, for every cluster')
    .option('--workers <n>', 'clusters and apps worked on at the same time', count, 4)
    .option('--management-egress <cidrs>', 'where this management cluster comes from, as API servers see it, separated by commas', commaSeparated, [])
    .option('--chart-hosts <hosts>', 'the only hosts that charts are fetched from, like charts.example.com,*.example.com; default: any', commaSeparated, [])
    .option('--chart-cidrs <cidrs>', 'addresses inside private networks that charts may be fetched from', commaSeparated, [])
    .option('--refused-cidrs <cidrs>', 'further addresses that nothing is fetched from, besides private and special ones', commaSeparated, [])
    .option('--plain-http-hosts <hosts>', 'hosts of charts that are spoken to without TLS', commaSeparated, [])
    .option('--owner-namespaces <names>', 'namespaces whose Apps may go to the management cluster; default: --namespace', commaSeparated, [])
    .option('--alertmanagers <urls>', 'get Silences and maintenance windows, separated by commas; a host with several addresses stands for as many', urls, [])
    .option('--drift-interval <minutes>', 'between two comparisons of an App with its cluster', count, 360)
    .option('--kubeconfig <file>', 'outside a cluster: the management cluster')
    .option('--metrics-port <port>', 'Prometheus metrics', port, 8080)
    .option('--health-port <port>', '/healthz and /readyz', port, 8081)
    .option('--no-leader-election', 'run without a Lease (one process only)')
    .action(async (options: OperatorCommandOptions) => (await import('./commands/operator.ts')).operator(context, options));
  program
    .command('topology-extension')
    .description('the runtime extension that answers the topology hooks of Cluster API, and the admission of organizations (runs in a pod)')
    .option('--port <port>', 'HTTPS', port, 9443)
    .option('--cert-dir <folder>', 'tls.crt and tls.key; read again when they change', '/certs')
    .option('--kubeconfig <file>', 'outside a cluster: the management cluster, for admission')
    .option('--metrics-port <port>', 'Prometheus metrics', port, 8080)
    .option('--health-port <port>', '/healthz and /readyz', port, 8081)
    .action(async (options: ExtensionCommandOptions) => (await import('./commands/topology-extension.ts')).topologyExtension(context, options));
  program
    .command('metrics-relay')
    .description('the metrics of etcd, scheduler and controller manager of this node, for who may read them (runs in a pod)')
    .option('--listen <address>', 'where to serve, HTTPS', ':10270')
    .action(async (options: MetricsRelayCommandOptions) => (await import('./commands/metrics-relay.ts')).metricsRelay(context, options));
  program
    .command('federation-proxy')
    .description('serves the recorded family keelson:* of a Prometheus, nothing else (runs in a pod)')
    .requiredOption('--upstream <url>', 'the Prometheus')
    .option('--listen <address>', 'where to serve', ':9090')
    .action(async (options: FederationProxyCommandOptions) => (await import('./commands/federation-proxy.ts')).federationProxy(context, options));
}
