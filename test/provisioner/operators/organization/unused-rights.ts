/** Which rights of our ClusterRoles the audit log shows no use of. */
import { type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import type { AuditEvent, Management } from './management.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

export async function unusedRights(management: Management, roles: readonly string[]): Promise<string[]> {
  const used = new Set(management.audited().flatMap(uses));
  const unused: string[] = [];
  for (const name of roles) {
    const role = await management.client.get<KubeObject & { rules: Rule[] }>(resources.clusterRoles, { name });
    for (const { apiGroups, resources: kinds, verbs, resourceNames } of role!.rules) {
      const each = apiGroups.flatMap((group) => kinds.flatMap((kind) => verbs.flatMap((verb) => (resourceNames ?? [undefined]).map((one) => `${verb} ${kind}.${group}${one === undefined ? '' : ` ${one}`}`))));
      unused.push(...each.filter((right) => !used.has(right)).map((right) => `${name}: ${right}`));
    }
  }
  return unused;
}

/** An apply that makes its object needs create beside patch, and a binding that is made or changed needs bind on its role (k8s.io/kubernetes/pkg/registry/rbac/rolebinding/policybased): both are asked for without a line of their own. */
function uses({ verb, objectRef, responseStatus }: AuditEvent): string[] {
  if (!objectRef || (responseStatus?.code ?? 500) >= 400) return [];
  const { apiGroup = '', resource, subresource, name } = objectRef;
  const right = (used: string): string => `${used} ${resource}${subresource ? `/${subresource}` : ''}.${apiGroup}`;
  return [
    right(verb),
    ...(verb === 'patch' && responseStatus?.code === 201 ? [right('create')] : []),
    ...(verb === 'patch' && resource === 'rolebindings' ? [`bind clusterroles.rbac.authorization.k8s.io ${name}`] : []),
  ];
}
