/** What is wrong with whom a binding names, or what it gives them. */
import type { Finding } from '../../findings/finding.ts';
import type { BindingItem } from './rbac-objects.ts';

export interface BindingRule {
  readonly name: string;
  readonly demands: string;
  check(binding: BindingItem): (Pick<Finding, 'path' | 'message' | 'fix'> & { readonly severity?: Finding['severity'] })[];
}

/** Groups and users of Kubernetes itself that no binding of ours names. */
const nobody = new Set(['system:masters', 'system:unauthenticated', 'system:anonymous']);
/** Kubernetes' own, which its own bindings name: nodes, bootstrap tokens, service accounts. */
const isSystem = (group: string): boolean => group.startsWith('system:');

/** @param prefixes what groups of the identity provider begin with; none given: a group needs a colon at least */
export function bindingRules(prefixes: readonly string[]): readonly BindingRule[] {
  return [
    {
      name: 'rbac/system-subject',
      demands: 'No binding names system:masters, system:unauthenticated, system:anonymous or everybody who is logged in.',
      check: ({ subjects, ref }) =>
        subjects.flatMap(({ name }, i) => {
          const path = `subjects[${i}].name`;
          if (nobody.has(name)) return [{ path, message: `is ${name}: ${name === 'system:masters' ? 'rights that no rule takes away' : 'everybody who reaches the port'}`, fix: 'Name a group of people.' }];
          return name === 'system:authenticated' && ref.kind === 'ClusterRoleBinding' ? [{ path, message: 'is system:authenticated: every user and every pod of the cluster', fix: 'Name a group of people.' }] : [];
        }),
    },
    {
      name: 'rbac/bare-group',
      demands: "A group has the prefix of its identity provider: a bare one may be another provider's.",
      check: ({ subjects }) =>
        subjects.flatMap(({ kind, name }, i) => {
          if (kind !== 'Group' || isSystem(name) || (prefixes.length ? prefixes.some((prefix) => name.startsWith(prefix)) : name.includes(':'))) return [];
          return [{ path: `subjects[${i}].name`, message: `is ${name}, without ${prefixes.length ? `one of the prefixes ${prefixes.join(', ')}` : 'the prefix of an identity provider'}`, fix: `Write ${prefixes[0] ?? 'oidc:'}${name}, and set the same prefix in the authentication configuration.` }];
        }),
    },
    {
      name: 'rbac/default-service-account',
      demands: 'The service account "default" has no rights: every pod that names none runs as it.',
      check: ({ subjects }) => subjects.flatMap(({ kind, name }, i) => (kind === 'ServiceAccount' && name === 'default' ? [{ path: `subjects[${i}]`, message: 'is the service account that every pod has which names none', fix: 'Make a service account for the workload.' }] : [])),
    },
    {
      name: 'rbac/cluster-admin',
      demands: 'cluster-admin is bound by nothing that is installed.',
      check: ({ roleRef, ref }) => (roleRef.name === 'cluster-admin' && roleRef.kind === 'ClusterRole' ? [{ path: 'roleRef', message: `binds cluster-admin${ref.kind === 'ClusterRoleBinding' ? ' everywhere' : `: everything in ${ref.namespace ?? 'its namespace'}, also its roles and quotas`}`, fix: 'Bind reader, editor, admin or automation.' }] : []),
    },
    {
      name: 'rbac/namespace-without-effect',
      demands: 'A ClusterRoleBinding has no namespace: it has no effect there, and the rights are everywhere.',
      check: ({ ref }) => (ref.kind === 'ClusterRoleBinding' && ref.namespace ? [{ path: 'metadata.namespace', message: `is ${ref.namespace}, but the binding grants its role in every namespace`, fix: 'Write kind: RoleBinding, or remove the namespace.' }] : []),
    },
  ];
}
