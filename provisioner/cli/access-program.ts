/** The tree below `keelson access`: who may do what, and logging in. */
import { type Command, InvalidArgumentError, type Option } from 'commander';
import type { AccessKubeconfigOptions } from './commands/access/kubeconfig.ts';
import type { OfOptions } from './commands/access/of.ts';
import type { TokenOptions } from './commands/access/token.ts';
import type { WhoCanOptions } from './commands/access/who-can.ts';
import type { CliContext } from './context.ts';

/** `email` and `groups` for the claims by which the guides of docs/access.md know people, `offline_access` for a refresh token. */
export const usualScopes = ['openid', 'email', 'groups', 'offline_access'] as const;

export function addAccessCommands(program: Command, context: CliContext, output: () => Option): void {
  const access = program.command('access').description('who may do what in the management cluster and in workload clusters');
  const somewhere = (command: Command): Command => command
    .option('--kubeconfig <file>', 'the cluster; default: KUBECONFIG')
    .option('--cluster <namespace/name>', 'a workload cluster of it instead')
    .option('-n, --namespace <name>', 'only what holds in this namespace');
  somewhere(access.command('who-can'))
    .argument('<verb>', 'get, list, create, …')
    .argument('<resource>', 'pods, deployments.apps, pods/exec, /metrics')
    .option('--name <name>', 'one object of that name')
    .description('everybody to whom RBAC gives a right, and by which binding or login')
    .addOption(output())
    .action(async (verb: string, resource: string, options: WhoCanOptions) => (await import('./commands/access/who-can.ts')).accessWhoCan(context, verb, resource, options));
  somewhere(access.command('of'))
    .argument('<user>', 'oidc:alice, or system:serviceaccount:<namespace>:<name>')
    .option('--group <name...>', 'groups of the user; those that Kubernetes adds are added')
    .description('everything RBAC gives to one user, and by which binding or login')
    .addOption(output())
    .action(async (user: string, options: OfOptions) => (await import('./commands/access/of.ts')).accessOf(context, user, options));
  const atIssuer = (command: Command): Command => command
    .requiredOption('--issuer-url <url>', 'the OIDC issuer, as in its tokens')
    .requiredOption('--client-id <id>', 'a public client of the issuer')
    .option('--issuer-ca <file>', "certificate authority of the issuer, PEM; default: the system's");
  atIssuer(access.command('kubeconfig'))
    .requiredOption('--server <url>', 'the API server')
    .option('--certificate-authority <file>', "that of the API server, PEM; default: the system's")
    .option('--name <name>', 'of cluster, context and user in it', 'management')
    .description('a kubeconfig without secrets for a cluster that takes tokens of an OIDC issuer')
    .action(async (options: AccessKubeconfigOptions) => (await import('./commands/access/kubeconfig.ts')).accessKubeconfig(context, options));
  atIssuer(access.command('token'))
    .option('--scopes <names>', 'separated by commas', (text) => text.split(','), [...usualScopes])
    .option('--listen-port <port>', 'on 127.0.0.1, where the issuer sends the browser back: http://127.0.0.1:<port>/callback', port, 18000)
    .option('--device', 'log in with a browser on another machine')
    .description('the ID token of an OIDC issuer for kubectl (exec plugin): from the cache, by refresh token, or by a login')
    .action(async (options: TokenOptions) => (await import('./commands/access/token.ts')).accessToken(context, options));
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535) throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return value;
}
