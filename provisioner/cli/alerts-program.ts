/** The sub-commands of `keelson alerts`: who hears of what, and whether the chain from metric to person holds. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { LintOptions } from './commands/alerts/lint.ts';
import type { RenderOptions } from './commands/alerts/render.ts';
import type { RouteOptions } from './commands/alerts/route.ts';
import type { CliContext } from './context.ts';

const output = (): Option => new Option('-o, --output <format>', 'how results are written').choices(['table', 'json', 'yaml']).default('table');
const routing = (): Option => new Option('--routing <file>', 'teams, receivers and hours as YAML; default: those of the chart monitoring');

/** label=value, one of the alert's labels. */
function label(text: string, known: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const [, name, value] = /^([a-zA-Z_][a-zA-Z0-9_]*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('write LABEL=VALUE, as severity=page');
  return { ...known, [name]: value };
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
}
