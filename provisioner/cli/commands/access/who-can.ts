/** `keelson access who-can VERB RESOURCE`: everybody to whom RBAC gives a right, and by which binding or login. */
import { type Grant, mastersGroup, whoCan } from '../../../../policies/tenancy/rights/evaluate.ts';
import type { RightsRequest } from '../../../../policies/tenancy/rights/rule.ts';
import type { KubeClient } from '../../../kube/index.ts';
import type { CliContext, OutputOptions } from '../../context.ts';
import { write } from '../../write.ts';
import { columns } from '../../columns.ts';
import { loginBehind, openLogins, type OpenLogin, originOf, shownLogin } from './logins.ts';
import { namedResource } from './resource.ts';
import { rbacState, type WhereOptions, withCluster } from './state.ts';

export interface WhoCanOptions extends WhereOptions, OutputOptions {
  readonly namespace?: string;
  /** Of one object. */
  readonly name?: string;
}

export async function accessWhoCan(context: CliContext, verb: string, resource: string, options: WhoCanOptions): Promise<void> {
  await withCluster(context, options, async ({ client, management, cluster }) => {
    const { signal } = context;
    const request = await requestOf(client, { verb, resource }, options, signal);
    const found = whoCan(await rbacState(client, { namespace: options.namespace, signal }), request);
    const logins = cluster ? await openLogins(context, management, { namespace: cluster.namespace, cluster: cluster.name }) : [];
    write(context, options.output, found.map((grant) => row(grant, loginBehind(grant.subject, logins))), () => columns(['KIND', 'NAME', 'WHERE', 'ROLE', 'BY'], found.map((grant) => cells(grant, loginBehind(grant.subject, logins)))));
    context.stderr.write(`and members of ${mastersGroup}, whom RBAC does not ask\n`);
  });
}

async function requestOf(client: KubeClient, what: { readonly verb: string; readonly resource: string }, { namespace, name }: WhoCanOptions, signal: AbortSignal): Promise<RightsRequest> {
  if (what.resource.startsWith('/')) return { verb: what.verb, path: what.resource };
  const { isNamespaced, ...resource } = await namedResource(client, what.resource, signal);
  return { verb: what.verb, ...resource, ...(isNamespaced && namespace !== undefined ? { namespace } : {}), ...(name === undefined ? {} : { name }) };
}

function row({ subject, binding, role, namespace }: Grant, login: OpenLogin | undefined): object {
  return { subject, ...(namespace === undefined ? {} : { namespace }), role: `${role.kind} ${role.name}`, binding: `${binding.kind} ${binding.name}`, ...(login ? { login: shownLogin(login) } : {}) };
}

/** A login's group says nothing to a person: who logged in does. */
function cells(grant: Grant, login: OpenLogin | undefined): string[] {
  const { subject, role, namespace } = grant;
  const who = subject.kind === 'ServiceAccount' ? `${subject.namespace ?? namespace ?? ''}/${subject.name}` : subject.name;
  return [...(login ? ['User', login.requester] : [subject.kind, who]), namespace ?? '(everywhere)', `${role.kind} ${role.name}`, originOf(grant, login)];
}
