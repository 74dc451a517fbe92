/** The RBAC objects of a cluster, to be evaluated here: the management cluster, or a workload cluster of it. */
import type { Input } from '../../../../policies/tenancy/lint/input.ts';
import { rbacObjects } from '../../../../policies/tenancy/lint/rbac-objects.ts';
import type { RbacState } from '../../../../policies/tenancy/rights/evaluate.ts';
import { kubeconfigSecretName } from '../../../api/names.ts';
import { apiVersionOf, fromKubeconfig, isKubeError, keyOf, type KubeClient, type KubeObject, resources } from '../../../kube/index.ts';
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { withManagement } from '../cluster/management.ts';

export interface WhereOptions {
  readonly kubeconfig?: string;
  /** "<namespace>/<name>" of a Cluster; not given: the cluster of the kubeconfig. */
  readonly cluster?: string;
}

/** The cluster that is asked, and where its logins are written down. */
export interface Asked {
  readonly client: KubeClient;
  readonly management: KubeClient;
  /** Of a workload cluster: where its Cluster is. */
  readonly cluster?: { readonly namespace: string; readonly name: string };
}

/** @throws CliError CLI_BAD_OPTION, LOGIN_REFUSED; KubeError */
export async function withCluster(context: CliContext, options: WhereOptions, run: (asked: Asked) => Promise<void>): Promise<void> {
  const kubeconfig = options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig };
  await withManagement(context, kubeconfig, async (management) => {
    if (options.cluster === undefined) return await run({ client: management, management });
    const cluster = clusterRef(options.cluster);
    const workload = await workloadClient(management, cluster, context.signal);
    try {
      await run({ client: workload, management, cluster });
    } finally {
      workload.close();
    }
  });
}

function clusterRef(text: string): { readonly namespace: string; readonly name: string } {
  const [namespace, name, ...rest] = text.split('/');
  if (!namespace || !name || rest.length > 0) throw new CliError('CLI_BAD_OPTION', `--cluster ${text}: write it as <namespace>/<name>`);
  return { namespace, name };
}

/** By the kubeconfig that Cluster API keeps; only the platform's people read it. */
async function workloadClient(client: KubeClient, { namespace, name }: { readonly namespace: string; readonly name: string }, signal: AbortSignal): Promise<KubeClient> {
  const cluster = keyOf({ namespace, name });
  const secret = await client.get<KubeObject & { data?: { value?: string } }>(resources.secrets, { namespace, name: kubeconfigSecretName(name) }, { signal }).catch((cause: unknown) => {
    if (!isKubeError(cause, 'KUBE_FORBIDDEN')) throw cause;
    throw new CliError('LOGIN_REFUSED', `you may not read the kubeconfig of ${cluster}; log in ("keelson cluster kubeconfig ${name} -n ${namespace} > file") and give that file as --kubeconfig instead of --cluster`, { cause });
  });
  if (!secret?.data?.value) throw new CliError('CLI_BAD_OPTION', `--cluster ${cluster}: there is no such Cluster, or it has no kubeconfig yet`);
  return await fromKubeconfig(Buffer.from(secret.data.value, 'base64').toString('utf8'), { userAgent: 'keelson-access' });
}

/** @param o.namespace RoleBindings of this one only; not given: of all */
export async function rbacState(client: KubeClient, o: { readonly namespace?: string | undefined; readonly signal: AbortSignal }): Promise<RbacState> {
  const kinds = [resources.clusterRoles, resources.clusterRoleBindings, resources.roles, resources.roleBindings];
  const lists = await Promise.all(kinds.map(async (resource) => {
    const { items } = await client.list<KubeObject>(resource, { signal: o.signal, ...(resource.namespaced && o.namespace !== undefined ? { namespace: o.namespace } : {}) });
    return items.map((item): Input => ({ object: { ...item, apiVersion: apiVersionOf(resource), kind: resource.kind } }));
  }));
  return rbacObjects(lists.flat());
}
