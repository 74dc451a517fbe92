/** `keelson alerts silence` writes a Silence; `keelson alerts silences` lists those there are, and the windows. */
import { type AlertMatcher, matcherProblem, matcherText } from '../../../api/alert-matchers.ts';
import { durationMs } from '../../../api/cluster-access.ts';
import { systemNamespace } from '../../../api/names.ts';
import { longestSilenceDays } from '../../../api/silence.ts';
import { apiVersionOf, findCondition, isKubeError, type KubeClient, type KubeObject, resources } from '../../../kube/index.ts';
import type { SilenceObject, WindowObject } from '../../../operators/silences/wanted.ts';
import { alertsOf, ruleGroups } from '../../../../monitoring/rules/index.ts';
import { columns } from '../../columns.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { selfReview } from '../../self-review.ts';
import { write } from '../../write.ts';
import { type ManagementOptions, withManagement } from '../cluster/management.ts';

export interface SilenceOptions extends ManagementOptions {
  readonly for: string;
  readonly reason: string;
  readonly owner?: string;
}

const dayMs = 86_400_000;

/** @throws CliError CLI_BAD_OPTION; KubeError in the words of the API server */
export async function alertsSilence(context: CliContext, matchers: readonly AlertMatcher[], options: SilenceOptions): Promise<void> {
  const { namespace = systemNamespace, reason, owner } = options;
  const problem = matcherProblem(matchers);
  if (problem !== undefined) throw new CliError('CLI_BAD_OPTION', problem);
  const unknown = matchers.find(({ name, operator, value }) => name === 'alertname' && operator === '=' && !alertsOf(ruleGroups).some(({ alert }) => alert === value));
  if (unknown) context.stderr.write(`${unknown.value} is none of Keelson's alerts; the Silence is for one of your own, or misspelt\n`);
  const expiresAt = new Date(Date.now() + periodMs(options.for)).toISOString().replace(/\.\d+Z$/, 'Z');
  await withManagement(context, options, async (client) => {
    const { signal } = context;
    const made = await client.create<KubeObject>(resources.silences, {
      apiVersion: apiVersionOf(resources.silences), kind: 'Silence', metadata: { name: '', generateName: nameFor(matchers), namespace },
      spec: { owner: owner ?? (await userName(client, signal)), reason, expiresAt, matchers },
    }, { signal });
    const { name } = made.metadata;
    context.stdout.write(`Silence ${namespace}/${name} until ${expiresAt}: ${matchers.map(matcherText).join(', ')}\nkubectl delete silence -n ${namespace} ${name} ends it before\n`);
  });
}

/** 90m, 24h, 7d. @throws CliError CLI_BAD_OPTION */
function periodMs(text: string): number {
  const days = /^([0-9]{1,3})d$/.exec(text)?.[1];
  const ms = days === undefined ? durationMs(text) : Number(days) * dayMs;
  if (ms === undefined || ms <= 0 || ms > longestSilenceDays * dayMs) throw new CliError('CLI_BAD_OPTION', `--for ${text}: up to ${longestSilenceDays}d, written like 90m, 24h or 7d`);
  // Made a moment later: the whole of thirty days would be refused by a clock that is ahead.
  return Math.min(ms, longestSilenceDays * dayMs - 60_000);
}

/** nodediskfull-… */
function nameFor(matchers: readonly AlertMatcher[]): string {
  const first = matchers.find(({ name }) => name === 'alertname') ?? matchers[0];
  return `${(first?.value ?? 'silence').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replace(/^-+/, '').slice(0, 50).replace(/-+$/, '') || 'silence'}-`;
}

async function userName(client: KubeClient, signal: AbortSignal): Promise<string> {
  const review = await selfReview<{ userInfo?: { username?: string } }>(client, { apiGroup: 'authentication.k8s.io', kind: 'SelfSubjectReview' }, signal).catch((error: unknown) => {
    if (!isKubeError(error, 'KUBE_SERVER_ERROR')) throw error;
    return undefined;
  });
  const name = review?.userInfo?.username;
  if (!name) throw new CliError('CLI_BAD_OPTION', 'who answers for it? give --owner: the management cluster does not say who you are');
  return name;
}

export interface SilencesOptions extends ManagementOptions, OutputOptions {}

interface Row {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: string;
  readonly until: string;
  readonly owner: string;
  readonly what: string;
  readonly reason: string;
}

/** @throws KubeError in the words of the API server */
export async function alertsSilences(context: CliContext, options: SilencesOptions): Promise<void> {
  await withManagement(context, options, async (client) => {
    const where = { signal: context.signal, ...(options.namespace === undefined ? {} : { namespace: options.namespace }) };
    try {
      const silences = await client.list<SilenceObject>(resources.silences, where);
      const windows = await client.list<WindowObject>(resources.maintenanceWindows, where);
      const rows = [...silences.items.map(silenceRow), ...windows.items.map(windowRow)];
      write(context, options.output, rows, () => table(rows));
    } catch (error) {
      if (isKubeError(error, 'KUBE_FORBIDDEN') && options.namespace === undefined) throw new CliError('CLI_BAD_OPTION', 'you may not see all of them: say with --namespace where yours are', { cause: error });
      throw error;
    }
  });
}

const stateOf = ({ status }: SilenceObject | WindowObject): string => findCondition(status?.conditions, 'Ready')?.reason ?? 'new';

function silenceRow(silence: SilenceObject): Row {
  const { metadata, spec } = silence;
  return { kind: 'Silence', namespace: metadata.namespace ?? '', name: metadata.name, state: stateOf(silence), until: spec.expiresAt, owner: spec.owner, what: spec.matchers.map(matcherText).join(', '), reason: spec.reason };
}

function windowRow(window: WindowObject): Row {
  const { metadata, spec, status } = window;
  const open = status?.window ? `${status.window.from} .. ${status.window.to}` : '';
  return { kind: 'MaintenanceWindow', namespace: metadata.namespace ?? '', name: metadata.name, state: stateOf(window), until: open, owner: spec.owner, what: status?.matchers?.[0] ?? '', reason: spec.reason };
}

function table(rows: readonly Row[]): string {
  if (!rows.length) return 'nothing is silenced\n';
  return columns(['KIND', 'NAMESPACE', 'NAME', 'STATE', 'UNTIL', 'OWNER', 'WHAT', 'WHY'], rows.map(({ kind, namespace, name, state, until, owner, what, reason }) => [kind, namespace, name, state, until, owner, what, reason]));
}
