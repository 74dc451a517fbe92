/** The rights of every role as the API server tells them, as a table: its own namespace, another organization's, the system's, and cluster-wide. */
import type { Management } from './management.ts';

export interface RightsQuestion {
  /** Those of an organization, and `fleet-owner`. */
  readonly roles: readonly string[];
  readonly groups: (role: string) => string[];
}

/** Rights by which somebody becomes somebody else, asked one by one: resource rules alone do not show what a wildcard would hide. */
const dangerous: readonly (readonly [string, string])[] = [
  ['get', 'secrets'], ['list', 'secrets'], ['watch', 'secrets'], ['patch', 'secrets'], ['deletecollection', 'secrets'], ['create', 'pods'], ['create', 'pods/exec'], ['create', 'serviceaccounts'], ['create', 'serviceaccounts/token'],
  ['escalate', 'roles.rbac.authorization.k8s.io'], ['bind', 'roles.rbac.authorization.k8s.io'], ['escalate', 'clusterroles.rbac.authorization.k8s.io'], ['bind', 'clusterroles.rbac.authorization.k8s.io'],
  ['impersonate', 'users'], ['impersonate', 'groups'], ['impersonate', 'serviceaccounts'], ['get', 'nodes/proxy'], ['create', 'nodes/proxy'], ['update', 'namespaces'], ['update', 'resourcequotas'],
  ['create', 'clusterrolebindings.rbac.authorization.k8s.io'], ['create', 'validatingwebhookconfigurations.admissionregistration.k8s.io'], ['create', 'mutatingadmissionpolicies.admissionregistration.k8s.io'], ['update', 'certificatesigningrequests/approval.certificates.k8s.io'],
  ['get', 'kubeadmconfigs.bootstrap.cluster.x-k8s.io'], ['create', 'machines.cluster.x-k8s.io'], ['update', 'machinedeployments/scale.cluster.x-k8s.io'], ['create', 'clusterclasses.cluster.x-k8s.io'], ['create', 'openstackmachines.infrastructure.cluster.x-k8s.io'], ['create', 'openstackservers.infrastructure.cluster.x-k8s.io'],
  ['create', 'clusteraccesses.keelson.dev'], ['create', 'accessbindings.keelson.dev'], ['assume', 'workloadroles.keelson.dev'],
  ['provision', 'organizations.keelson.dev'], ['get', 'organizations.keelson.dev'], ['update', 'organizations.keelson.dev'],
];

export async function rightsTable(management: Management, { roles, groups }: RightsQuestion): Promise<string> {
  const nobody = await rules(management, 'oidc:nobody', [], 'default');
  const sections: string[] = [];
  for (const role of roles) {
    const own = (await rules(management, `oidc:${role}`, groups(role), 'org-acme')).filter((line) => !nobody.includes(line));
    sections.push(`## ${role}, in ${role === 'fleet-owner' ? 'org-acme' : 'its namespace'}\n\n| group | resource | verbs |\n|---|---|---|\n${own.join('\n')}\n`);
    for (const namespace of ['org-other', 'keelson-system', 'default']) {
      const elsewhere = (await rules(management, `oidc:${role}`, groups(role), namespace)).filter((line) => !nobody.includes(line));
      if (elsewhere.length > 0) sections.push(`## ${role}, in ${namespace}\n\n${elsewhere.join('\n') === own.join('\n') ? 'The same.' : elsewhere.join('\n')}\n`);
    }
  }
  const rows = await Promise.all(dangerous.map(async ([verb, resource]) => {
    const may = await Promise.all(roles.map(async (role) => (await Promise.all(['org-acme', 'org-other', undefined].map((namespace) => management.as(`oidc:${role}`, groups(role)).may(verb, resource, namespace === undefined ? {} : { namespace })))).map((yes) => (yes ? 'yes' : '-')).join(' ')));
    return `| ${verb} ${resource} | ${may.join(' | ')} |`;
  }));
  return `# What members of an organization and owners of the fleet may do\n\nAsked of the API server (SelfSubjectRulesReview, SelfSubjectAccessReview); what everybody may who is logged in is left out. No member has anything in another organization's namespace, in keelson-system or cluster-wide, or there would be a section for it. A fleet-owner is bound by hand, in all namespaces.\n\n${sections.join('\n')}\n## Rights by which one becomes another: own namespace, another organization's, cluster-wide\n\n| | ${roles.join(' | ')} |\n|---|${roles.map(() => '---|').join('')}\n${rows.join('\n')}\n`;
}

async function rules(management: Management, user: string, groups: readonly string[], namespace: string): Promise<string[]> {
  const found = await management.as(user, groups).rules(namespace);
  const verbs = new Map<string, Set<string>>();
  for (const { apiGroups, resources, resourceNames, verbs: given } of found) {
    for (const group of apiGroups ?? []) for (const resource of resources ?? []) {
      const key = `| ${group || 'core'} | ${resource}${resourceNames?.length ? ` (${resourceNames.join(', ')})` : ''}`;
      const set = verbs.get(key) ?? new Set<string>();
      for (const verb of given) set.add(verb);
      verbs.set(key, set);
    }
  }
  return [...verbs].map(([key, set]) => `${key} | ${[...set].sort().join(' ')} |`).sort();
}
