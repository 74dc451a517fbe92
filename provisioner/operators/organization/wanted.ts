/** What an Organization's namespace holds, as pure functions: applied server-side, so what others put on the objects stays theirs. */
import { clusterRoleName } from '../../../policies/tenancy/cluster-roles.ts';
import { namespaceObjects } from '../../../policies/tenancy/namespace-objects.ts';
import { automationAccount } from '../../../policies/tenancy/role-rights.ts';
import { type RoleName, roleNames } from '../../../policies/tenancy/roles.ts';
import { annotations, labels } from '../../api/labels.ts';
import { organizationNamespace } from '../../api/names.ts';
import type { Member } from '../../api/organization.ts';
import { defaultLines } from '../../api/organization-defaults.ts';
import type { Organization } from './organization-object.ts';
import type { KubeObject } from '../../kube/index.ts';

export interface Subject {
  readonly kind: 'Group' | 'User' | 'ServiceAccount';
  readonly name: string;
  readonly namespace?: string;
  readonly apiGroup?: string;
}
export interface RoleBinding extends KubeObject {
  readonly roleRef: { readonly apiGroup: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly Subject[];
}

const rbacGroup = 'rbac.authorization.k8s.io';

/** On everything we apply: by it the objects are found again. */
export const ownLabels = ({ metadata }: Pick<Organization, 'metadata'>): Record<string, string> => ({ [labels.organization]: metadata.name, [labels.managedBy]: 'keelson' });

/** Which classes and credentials Clusters may name, and what they get where they say nothing, stands here too: admission sees the namespace of what it judges, and nobody in the organization can write it. */
export function wantedNamespace(organization: Organization): KubeObject {
  const { spec, metadata } = organization;
  const defaults = defaultLines(spec.defaults);
  return {
    apiVersion: 'v1', kind: 'Namespace',
    metadata: {
      name: organizationNamespace(metadata.name),
      labels: { ...ownLabels(organization), 'pod-security.kubernetes.io/enforce': 'restricted' },
      annotations: {
        [annotations.description]: `Clusters of organization ${spec.displayName ?? metadata.name}.`,
        [annotations.allowedClasses]: spec.allowedClasses.map(({ namespace, name }) => `${namespace}/${name}`).join(','),
        [annotations.identities]: spec.identities.map(({ type, name }) => `${type}/${name}`).join(','),
        ...(defaults.length > 0 ? { [annotations.defaults]: defaults.join('\n') } : {}),
      },
    },
  };
}

export function wantedAccount(organization: Organization): KubeObject {
  return {
    apiVersion: 'v1', kind: 'ServiceAccount', automountServiceAccountToken: false,
    metadata: { name: automationAccount, ...home(organization), annotations: { [annotations.description]: `For pipelines of organization ${organization.metadata.name}: kubectl create token ${automationAccount}` } },
  };
}

/** One binding per role that somebody has; subjects in the order of the members. */
export function wantedBindings(organization: Organization): RoleBinding[] {
  return roleNames.flatMap((role) => {
    const subjects = subjectsOf(organization, role);
    return subjects.length === 0 ? [] : [{
      apiVersion: `${rbacGroup}/v1`, kind: 'RoleBinding',
      metadata: { name: clusterRoleName(role, 'organization'), ...home(organization) },
      roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: clusterRoleName(role, 'organization') },
      subjects,
    }];
  });
}

function subjectsOf({ metadata, spec }: Organization, role: RoleName): Subject[] {
  const namespace = organizationNamespace(metadata.name);
  const automation: Subject[] = role === 'automation' ? [{ kind: 'ServiceAccount', name: automationAccount, namespace }] : [];
  const all = [...automation, ...spec.members.filter((member) => member.role === role).map((member) => subject(member, namespace))];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

function subject({ kind, name, namespace }: Member, own: string): Subject {
  return kind === 'ServiceAccount' ? { kind, name, namespace: namespace ?? own } : { apiGroup: rbacGroup, kind, name };
}

/** Declarations, no workloads: pods have no room here. Bootstrap data and keys of every machine are Secrets, so those are not counted. */
const declarationsOnly = {
  pods: 0, 'requests.cpu': 0, 'requests.memory': 0, 'limits.memory': 0, 'requests.ephemeral-storage': 0, persistentvolumeclaims: 0, 'requests.storage': 0, services: 0, 'services.loadbalancers': 0,
  'count/secrets': 'unlimited', 'count/jobs.batch': 0, 'count/cronjobs.batch': 0, 'count/deployments.apps': 0, 'count/statefulsets.apps': 0, 'count/ingresses.networking.k8s.io': 0,
  'count/apps.keelson.dev': 2000, 'count/clusteraccesses.keelson.dev': 500, 'count/accessbindings.keelson.dev': 200, 'count/silences.keelson.dev': 200, 'count/maintenancewindows.keelson.dev': 50, 'count/roles.rbac.authorization.k8s.io': 500, 'count/rolebindings.rbac.authorization.k8s.io': 500,
} as const;

/** LimitRange, quotas and default deny. The number of Clusters is the API server's to count, exactly; what they hold, the webhook's. */
export function wantedBounds(organization: Organization): KubeObject[] {
  const { clusters } = organization.spec.quota;
  const namespace = organizationNamespace(organization.metadata.name);
  const quota = { ...declarationsOnly, ...(clusters === undefined ? {} : { 'count/clusters.cluster.x-k8s.io': clusters }) };
  const bounds = namespaceObjects({ namespace, class: 'tenant', quota }).map((object) => ({ ...object, metadata: { name: object.metadata.name, ...home(organization) } }));
  return [...bounds, { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'keelson-default-deny', ...home(organization) }, spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } }];
}

const home = (organization: Organization): { namespace: string; labels: Record<string, string> } => ({ namespace: organizationNamespace(organization.metadata.name), labels: ownLabels(organization) });
