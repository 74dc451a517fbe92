/** A runbook as a page: always the same sections, in the order in which they are needed at three in the morning. */
import { watchedComponents } from '../catalogue/components.ts';
import type { Alert } from '../rules/model.ts';
import type { Runbook } from './model.ts';

/** Pages in docs/runbooks that belong to no alert. */
export const otherPages: readonly string[] = ['README.md', 'ManagementClusterGone.md', 'post-mortem-template.md'];

/** Headings that every rendered page has. */
export const sections = ['What it means', 'Who feels it', 'Is it so?', 'What to do', 'That it does not come again', 'When to wake somebody else', 'Is it over? Silence it?'] as const;

const toCluster = 'In the cluster that the alert names (`keelson cluster kubeconfig <cluster> > kc; export KUBECONFIG=$PWD/kc`), where nothing else is said:';
const onManagement = 'On the management cluster, where nothing else is said:';
const escalation = 'After half an hour without a cause, or when more than one cluster is concerned: the second person on call.';

/** @param alerts those of this name: one per severity */
export function runbookPage(runbook: Runbook, alerts: readonly Alert[]): string {
  const { alert, meaning, impact, at = 'cluster', confirm, fix, prevent, escalate = escalation } = runbook;
  const when = alerts.map(({ severity, for: holds, expr }) => `**${severity}** after ${holds}: \`${expr.replaceAll('|', '\\|')}\``).join('  \n');
  const [meansSo, feels, isSo, toDo, again, wake, over] = sections;
  return [
    `# ${alert}`, '', when, '',
    `## ${meansSo}`, meaning, '',
    `## ${feels}`, impact, ...(alert === 'ComponentDown' ? ['', ...componentTable()] : []), '',
    `## ${isSo}`, at === 'management' ? onManagement : toCluster, '', '```sh', ...confirm.flatMap(([question, command]) => [`# ${question}`, command]), '```', '',
    `## ${toDo}`, '| what you see | what to do |', '|---|---|', ...fix.map(([seen, remedy]) => `| ${cell(seen)} | ${cell(remedy)} |`), '',
    `## ${again}`, prevent, '',
    `## ${wake}`, escalate, '',
    `## ${over}`, 'The alert resolves by itself once its expression does not hold any more. Where the cause is known and takes time, a [Silence](../monitoring.md#silences), on the management cluster; the message of the alert has the command with its labels filled in:', '',
    '```sh', `keelson alerts silence alertname=${alert} cluster_id=<cluster> -n <org-namespace> --for 24h --reason '<what is being done, ticket>'`, '```',
  ].join('\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

function componentTable(): string[] {
  return ['| component | workloads | without it |', '|---|---|---|', ...watchedComponents.filter(({ isEssential }) => isEssential).map(({ name, workloads, without }) => `| ${name} | ${workloads.join(', ')} | ${without} |`)];
}
