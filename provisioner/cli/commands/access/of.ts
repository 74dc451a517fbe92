/** `keelson access of USER`: everything RBAC gives to one person, group or service account, and by which binding or login. */
import type { PolicyRule } from '../../../../policies/tenancy/lint/rbac-objects.ts';
import { type Grant, grantsTo, identityOf, mastersGroup, type RbacState } from '../../../../policies/tenancy/rights/evaluate.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { write } from '../../write.ts';
import { columns } from '../../columns.ts';
import { openLogins, type OpenLogin, originOf, shownLogin } from './logins.ts';
import { rbacState, type WhereOptions, withCluster } from './state.ts';

export interface OfOptions extends WhereOptions, OutputOptions {
  readonly group?: readonly string[];
  readonly namespace?: string;
}

export async function accessOf(context: CliContext, user: string, options: OfOptions): Promise<void> {
  const identity = identityOf(user, options.group);
  await withCluster(context, options, async ({ client, management, cluster }) => {
    const state = await rbacState(client, { namespace: options.namespace, signal: context.signal });
    const logins = (await openLogins(context, management, { namespace: cluster?.namespace ?? options.namespace, cluster: cluster?.name })).filter(({ requester }) => requester === user);
    // In the cluster that was asked a login is what it may do; elsewhere it is only named.
    const rows = [...grantsTo(state, identity).map((grant) => granted(grant)), ...(cluster ? logins.flatMap((login) => byLogin(state, login)) : logins.map(elsewhere))];
    write(context, options.output, rows.map(({ row }) => row), () => columns(['WHERE', 'ROLE', 'BY', 'RIGHTS'], rows.map(({ cells }) => cells)));
    if (identity.groups.includes(mastersGroup)) context.stderr.write(`${mastersGroup} may do everything, whatever stands here\n`);
  });
}

interface Row {
  readonly row: object;
  readonly cells: readonly string[];
}

/** Without what everybody has: the login has no groups but its own. */
const byLogin = (state: RbacState, login: OpenLogin): Row[] => grantsTo(state, login.identity).map((grant) => granted(grant, login));

function granted(grant: Grant, login?: OpenLogin): Row {
  const { subject, binding, role, namespace, rules } = grant;
  const names = { role: `${role.kind} ${role.name}`, binding: `${binding.kind} ${binding.name}` };
  return {
    row: { ...(namespace === undefined ? {} : { namespace }), ...names, subject, ...(login ? { login: shownLogin(login) } : {}), rules },
    cells: [namespace ?? '(everywhere)', names.role, originOf(grant, login), rules.map(ruleText).join('; ') || 'none'],
  };
}

const elsewhere = (login: OpenLogin): Row => ({
  row: { login: shownLogin(login) },
  cells: [`cluster ${login.cluster}`, login.role ?? '(by AccessBindings)', originOf(undefined, login), `see --cluster ${login.cluster}`],
});

/** The most parts of a list that are shown; all of them are in -o json. */
const shown = 4;

function ruleText({ verbs, resources, apiGroups, resourceNames, nonResourceURLs }: PolicyRule): string {
  const some = (list: readonly string[]): string => (list.length > shown ? `${list.slice(0, shown).join(',')},… (${list.length})` : list.join(','));
  if (nonResourceURLs.length > 0) return `${some(verbs)} ${some(nonResourceURLs)}`;
  const groups = apiGroups.filter((group) => group !== '');
  return `${some(verbs)} ${some(resources)}${groups.length > 0 ? ` (${some(groups)})` : ''}${resourceNames.length > 0 ? ` named ${some(resourceNames)}` : ''}`;
}
