/** The sub-commands of `keelson alerts`: who hears of what, whether the chain from metric to person holds, and what is silenced. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LintOptions } from './commands/alerts/lint.ts';
import type { RenderOptions } from './commands/alerts/render.ts';
import type { RouteOptions } from './commands/alerts/route.ts';
import type { SilenceOptions, SilencesOptions } from './commands/alerts/silence.ts';
import { type AlertMatcher, matcherOperators } from '../api/alert-matchers.ts';
import type { CliContext } from './context.ts';

const output = (): Option => new Option('-o, --output <format>', 'how results are written').choices(['table', 'json', 'yaml']).default('table');
const routing = (): Option => new Option('--routing <file>', 'teams, receivers and hours as YAML; default: those of the chart monitoring');

/** label=value, one of the alert's labels. */
function label(text: string, known: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('write LABEL=VALUE, as severity=page');
  return { ...known, [name]: value };
}

/** label=value, label!=value, label=~expression, label!~expression. */
function matcher(text: string, known: readonly AlertMatcher[] = []): readonly AlertMatcher[] {
  const [, name, sign, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)(=~|!~|!=|=)(.+)$/s.exec(text) ?? [];
  const operator = matcherOperators.find((one) => one === sign);
  if (name === undefined || value === undefined || !operator) throw new InvalidArgumentError('write LABEL=VALUE, as alertname=NodeDiskFull; != =~ !~ work too');
  return [...known, { name, operator, value }];
}

export function addAlertsCommands(program: Command, context: CliContext): void {
  const alerts = program.command('alerts').description('alerts: who hears of what, and whether the chain from metric to person holds');
  alerts
    .command('route')
    .argument('<labels...>', 'labels of an alert: severity=page cluster_id=demo; alertname=NodeNotReady adds those that this alert always has', label)
    .description('which receivers an alert reaches, why, when it is repeated, and what could hide it; exit code 1 when nobody hears of it')
    .addOption(routing())
    .addOption(output())
    .action(async (labels: Readonly<Record<string, string>>, options: RouteOptions) => (await import('./commands/alerts/route.ts')).alertsRoute(context, labels, options));
  alerts
    .command('lint')
    .description('alerts that nobody receives, receivers that nobody uses, runbooks, boards or owners that are missing, labels that an expression drops, inhibitions that never match; exit code 1 when something is found')
    .addOption(routing())
    .addOption(output())
    .action(async (options: LintOptions) => (await import('./commands/alerts/lint.ts')).alertsLint(context, options));
  alerts
    .command('render')
    .argument('<file>', 'teams, receivers and hours as YAML')
    .description("Alertmanager's configuration, for alertmanager.config of the chart monitoring")
    .action(async (file: string, options: RenderOptions) => (await import('./commands/alerts/render.ts')).alertsRender(context, file, options));
  const managed = (command: Command): Command => command.option('--kubeconfig <file>', 'the management cluster; default: KUBECONFIG');
  managed(alerts.command('silence'))
    .argument('<matchers...>', 'labels of the alerts: alertname=NodeDiskFull cluster_id=demo', matcher)
    .description('silence alerts whose cause is known and takes time: writes a Silence, which the operator brings to every Alertmanager')
    .requiredOption('--for <period>', 'how long, up to 30d: 90m, 24h, 7d')
    .requiredOption('--reason <text>', 'why, for those who look later: what is being done, the ticket')
    .option('--owner <name>', 'who answers for it; default: the user that you are')
    .option('-n, --namespace <name>', "namespace of the organization whose clusters it is for; default: keelson-system, where the fleet's owners silence alerts of all")
    .action(async (matchers: readonly AlertMatcher[], options: SilenceOptions) => (await import('./commands/alerts/silence.ts')).alertsSilence(context, matchers, options));
  managed(alerts.command('silences'))
    .description('what is silenced, by whom, why and until when; windows of maintenance too')
    .option('-n, --namespace <name>', 'only those of a namespace')
    .addOption(output())
    .action(async (options: SilencesOptions) => (await import('./commands/alerts/silence.ts')).alertsSilences(context, options));
}
