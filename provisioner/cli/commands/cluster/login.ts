/** `keelson cluster kubeconfig NAME`: by a token where the cluster takes them; else asks for a ClusterAccess, waits until it is issued, prints the kubeconfig. */
import { parse } from 'yaml';
import { accessObjectName, accessLife, type ClusterAccess, durationMs } from '../../../api/cluster-access.ts';
import { clusterAccessReady } from '../../../api/conditions.ts';
import { group } from '../../../api/names.ts';
import { type AccessRole, assume } from '../../../api/workload-rights.ts';
import { findCondition, type KubeClient, type KubeObject, resources } from '../../../kube/index.ts';
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { selfReview } from '../../self-review.ts';
import { type ManagementOptions, withManagement } from './management.ts';
import { oidcLogin } from './oidc-login.ts';

export interface LoginOptions extends ManagementOptions {
  readonly role?: string;
  readonly namespaces?: readonly string[];
  readonly ttl: string;
  readonly reason?: string;
  readonly admin?: boolean;
  /** How the kubeconfig is printed; as it was issued unless told. */
  readonly printed?: (kubeconfig: string) => string;
}

/** From the widest; automation is for machines. */
const widest = ['admin', 'editor', 'reader'] as const satisfies readonly AccessRole[];
const roles = [...widest, 'automation'] as const;
/** How long a cluster may take to sign. */
const issuedWithinMs = 60_000;
const ended = new Set<string>(['ClusterNotFound', 'RoleRefused', 'TooManyOpen'] satisfies (keyof typeof clusterAccessReady.reasons)[]);

/** @throws CliError CLI_BAD_OPTION, LOGIN_REFUSED, LOGIN_SLOW; KubeError in the words of the API server */
export async function clusterLogin(context: CliContext, cluster: string, options: LoginOptions): Promise<void> {
  checkOptions(options);
  await withManagement(context, options, async (client) => {
    const { namespace = 'default', printed = (kubeconfig: string) => kubeconfig } = options;
    const { signal } = context;
    const found = await client.get<KubeObject>(resources.clusters, { namespace, name: cluster }, { signal });
    if (!found) throw new CliError('CLI_BAD_OPTION', `there is no Cluster ${namespace}/${cluster}, or you may not see it; --namespace says where to look`);
    const byToken = isAnyLogin(options) ? await oidcLogin(client, found, signal) : undefined;
    if (byToken !== undefined) return void context.stdout.write(byToken);
    const made = await client.create<KubeObject>(resources.clusterAccesses, await wanted(client, { cluster, namespace }, options, signal), { signal });
    const access = await issued(client, made as unknown as ClusterAccess, signal);
    const secret = await client.get<KubeObject & { data?: { kubeconfig?: string } }>(resources.secrets, { namespace, name: accessObjectName(access.metadata.name) }, { signal });
    if (!secret?.data?.kubeconfig) throw new CliError('LOGIN_REFUSED', `ClusterAccess ${namespace}/${access.metadata.name} is issued and its Secret is gone; ask again`);
    context.stdout.write(printed(checked(Buffer.from(secret.data.kubeconfig, 'base64').toString('utf8'))));
    context.stderr.write(`${access.spec.role ?? 'login'} of cluster ${cluster} until ${access.status?.expiresAt ?? ''}; kubectl delete clusteraccess -n ${namespace} ${access.metadata.name} ends it before\n`);
  });
}

/** Whoever names a role, namespaces or a reason means a login that is written down. */
const isAnyLogin = ({ role, namespaces, reason, admin }: LoginOptions): boolean => role === undefined && namespaces === undefined && reason === undefined && !admin;

/** kubectl would run a plugin on the user's machine; a login has none. @throws CliError LOGIN_REFUSED */
function checked(kubeconfig: string): string {
  const { users } = (parse(kubeconfig, { logLevel: 'silent' }) ?? {}) as { users?: { user?: object }[] };
  const others = (users ?? []).flatMap(({ user }) => Object.keys(user ?? {})).filter((key) => !['client-certificate-data', 'client-key-data'].includes(key));
  if (!users || others.length > 0) throw new CliError('LOGIN_REFUSED', `the kubeconfig that was issued holds ${others.join(', ') || 'no user'}, which the operator never writes; do not use it, tell the platform's owners`);
  return kubeconfig;
}

function checkOptions({ role, ttl, reason, admin }: LoginOptions): void {
  if (role !== undefined && !(roles as readonly string[]).includes(role)) throw new CliError('CLI_BAD_OPTION', `--role ${role}: one of ${roles.join(', ')}${role === 'cluster-admin' ? '; cluster-admin is --admin' : ''}`);
  if (admin && role !== undefined) throw new CliError('CLI_BAD_OPTION', '--admin is a role of its own: leave --role out');
  if (admin && (reason ?? '').length < 10) throw new CliError('CLI_BAD_OPTION', '--admin needs --reason with ten characters at least: it is told to the others');
  const ms = durationMs(ttl);
  const longest = admin ? accessLife.longestOfClusterAdmin : accessLife.longest;
  if (ms === undefined || ms < (durationMs(accessLife.shortest) ?? 0) || ms > (durationMs(longest) ?? 0)) throw new CliError('CLI_BAD_OPTION', `--ttl ${ttl}: from ${accessLife.shortest} to ${longest}, written like 30m or 1h30m`);
}

/** The requester is left out: the API server fills it in. */
async function wanted(client: KubeClient, at: { readonly cluster: string; readonly namespace: string }, options: LoginOptions, signal: AbortSignal): Promise<KubeObject> {
  const { cluster, namespace } = at;
  const { namespaces, ttl, reason, admin } = options;
  const role = admin ? 'cluster-admin' : (options.role ?? (await widestRole(client, namespace, signal)));
  return {
    apiVersion: `${resources.clusterAccesses.group}/${resources.clusterAccesses.version}`, kind: 'ClusterAccess',
    metadata: { name: '', generateName: `${cluster}-`, namespace },
    spec: {
      cluster, role, ttl, groups: await ownGroups(client, signal), ...(admin ? { clusterWide: true } : {}), ...(namespaces?.length ? { namespaces } : {}), ...(reason === undefined ? {} : { reason }),
    },
  };
}

async function widestRole(client: KubeClient, namespace: string, signal: AbortSignal): Promise<AccessRole> {
  for (const role of widest) {
    const spec = { resourceAttributes: { namespace, group, resource: assume.resource, name: role, verb: assume.verb } };
    const answer = await selfReview<{ allowed: boolean }>(client, { apiGroup: 'authorization.k8s.io', kind: 'SelfSubjectAccessReview', spec }, signal);
    if (answer.allowed) return role;
  }
  throw new CliError('LOGIN_REFUSED', `you have no role in ${namespace} that reaches into clusters; ask an admin of the organization`);
}

/** Those by which AccessBindings may know the user; Kubernetes' own say nothing in another cluster. */
async function ownGroups(client: KubeClient, signal: AbortSignal): Promise<string[]> {
  const { userInfo } = await selfReview<{ userInfo?: { groups?: string[] } }>(client, { apiGroup: 'authentication.k8s.io', kind: 'SelfSubjectReview' }, signal);
  return (userInfo?.groups ?? []).filter((name) => !name.startsWith('system:') && !name.startsWith('keelson:')).slice(0, 32);
}

/** Watches the request until it is issued. */
async function issued(client: KubeClient, made: ClusterAccess, parent: AbortSignal): Promise<ClusterAccess> {
  const { namespace = '', name, resourceVersion = '' } = made.metadata;
  const signal = AbortSignal.any([parent, AbortSignal.timeout(issuedWithinMs)]);
  let last = 'no operator has looked at it';
  try {
    for (let from = resourceVersion; ; ) {
      for await (const { type, object } of client.watch<KubeObject>(resources.clusterAccesses, { namespace, fieldSelector: `metadata.name=${name}`, resourceVersion: from, signal })) {
        from = object.metadata.resourceVersion ?? from;
        if (type === 'BOOKMARK') continue;
        const access = object as unknown as ClusterAccess;
        const ready = findCondition(access.status?.conditions, clusterAccessReady.type);
        if (ready?.status === 'True') return access;
        if (type === 'DELETED' || ended.has(ready?.reason ?? '')) throw new CliError('LOGIN_REFUSED', `ClusterAccess ${namespace}/${name}: ${ready?.message ?? 'it was deleted'}`);
        last = ready ? `${ready.reason}: ${ready.message}` : last;
      }
    }
  } catch (error) {
    if (!signal.aborted || parent.aborted) throw error;
    throw new CliError('LOGIN_SLOW', `ClusterAccess ${namespace}/${name} is not issued after ${issuedWithinMs / 1000} s (${last}); it stays, look at it with kubectl describe`, { cause: error });
  }
}
