/** `keelson access of USER`: everything RBAC gives to one person, group or service account, and by which binding. */
import type { PolicyRule } from '../../../../policies/tenancy/lint/rbac-objects.ts';
import { type Grant, grantsTo, identityOf, mastersGroup } from '../../../../policies/tenancy/rights/evaluate.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { write } from '../../write.ts';
import { columns } from '../../columns.ts';
import { rbacState, type WhereOptions, withCluster } from './state.ts';

export interface OfOptions extends WhereOptions, OutputOptions {
  readonly group?: readonly string[];
  readonly namespace?: string;
}

export async function accessOf(context: CliContext, user: string, options: OfOptions): Promise<void> {
  const identity = identityOf(user, options.group);
  await withCluster(context, options, async (client) => {
    const found = grantsTo(await rbacState(client, { namespace: options.namespace, signal: context.signal }), identity);
    write(context, options.output, found.map(row), () => columns(['WHERE', 'ROLE', 'BY', 'RIGHTS'], found.map(cells)));
    if (identity.groups.includes(mastersGroup)) context.stderr.write(`${mastersGroup} may do everything, whatever stands here\n`);
  });
}

const row = ({ subject, binding, role, namespace, rules }: Grant): object => ({ ...(namespace === undefined ? {} : { namespace }), role: `${role.kind} ${role.name}`, binding: `${binding.kind} ${binding.name}`, subject, rules });

const cells = ({ binding, role, namespace, rules }: Grant): string[] => [namespace ?? '(everywhere)', `${role.kind} ${role.name}`, `${binding.kind} ${binding.name}`, rules.map(ruleText).join('; ') || 'none'];

/** The most parts of a list that are shown; all of them are in -o json. */
const shown = 4;

function ruleText({ verbs, resources, apiGroups, resourceNames, nonResourceURLs }: PolicyRule): string {
  const some = (list: readonly string[]): string => (list.length > shown ? `${list.slice(0, shown).join(',')},… (${list.length})` : list.join(','));
  if (nonResourceURLs.length > 0) return `${some(verbs)} ${some(nonResourceURLs)}`;
  const groups = apiGroups.filter((group) => group !== '');
  return `${some(verbs)} ${some(resources)}${groups.length > 0 ? ` (${some(groups)})` : ''}${resourceNames.length > 0 ? ` named ${some(resourceNames)}` : ''}`;
}
