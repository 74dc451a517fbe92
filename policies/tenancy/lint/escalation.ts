/**
 * The lint of RBAC: rights by which a role grows beyond itself, and bindings that reach people nobody meant.
 * Sources: Kubernetes' "RBAC Good Practices" (privilege escalation risks), CIS Kubernetes Benchmark 1.12 section 5.1.
 */
import type { Finding } from '../../findings/finding.ts';
import { bindingRules, type BindingRule } from './binding-rules.ts';
import type { Input } from './input.ts';
import { rbacObjects, type PolicyRule, type RoleItem } from './rbac-objects.ts';

export interface EscalationOptions {
  /** What every group of the identity provider begins with, "oidc:"; a bare group may be anybody's. */
  readonly groupPrefixes?: readonly string[];
  /** Findings that are meant, each with its reason. One that silences nothing is a finding itself. */
  readonly allowed?: readonly Allowance[];
}

export interface Allowance {
  /** Kind and name as the finding has them: "ClusterRole keelson-operator". */
  readonly object: string;
  readonly rule: string;
  readonly reason: string;
}

/** A right that lets its holder become somebody else. */
interface Danger {
  readonly name: string;
  readonly demands: string;
  readonly message: string;
  readonly fix: string;
  isIn(rule: PolicyRule, role: RoleItem): boolean;
}

const writes = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const has = (given: readonly string[], ...wanted: readonly string[]): boolean => wanted.some((one) => given.includes(one));
const grants = (rule: PolicyRule, group: string, resources: readonly string[], verbs: readonly string[]): boolean => has(rule.apiGroups, group) && has(rule.resources, ...resources) && has(rule.verbs, ...verbs);
const rbacGroup = 'rbac.authorization.k8s.io';
const roleKinds = ['roles', 'clusterroles'];

/** Each names its resources in full: wildcards have a rule of their own, and would fire all others. */
export const dangers: readonly Danger[] = [
  { name: 'rbac/wildcard', demands: 'No rule grants every verb, resource or group.', message: 'grants "*": also what the next release of Kubernetes or a new CRD brings', fix: 'Name the verbs, resources and groups that are used.', isIn: ({ verbs, resources, apiGroups, nonResourceURLs }) => has([...verbs, ...resources, ...apiGroups, ...nonResourceURLs], '*') },
  { name: 'rbac/escalate', demands: 'Nobody may write rights that they do not have.', message: 'grants escalate on roles: its holder can give itself every right', fix: 'Remove the verb escalate.', isIn: (rule) => grants(rule, rbacGroup, roleKinds, ['escalate']) },
  { name: 'rbac/bind', demands: 'Nobody may bind roles with rights that they do not have.', message: 'grants bind on roles without naming them: its holder can bind cluster-admin to itself', fix: 'Remove the verb bind, or name the roles that may be bound in resourceNames.', isIn: (rule) => grants(rule, rbacGroup, roleKinds, ['bind']) && rule.resourceNames.length === 0 },
  { name: 'rbac/impersonate', demands: 'Nobody may act as somebody else.', message: 'grants impersonate without naming whom: its holder can be anybody, system:masters too', fix: 'Remove it, or name users, groups and service accounts in resourceNames.', isIn: (rule) => has(rule.verbs, 'impersonate') && rule.resourceNames.length === 0 },
  { name: 'rbac/nodes-proxy', demands: 'Nobody reaches kubelets through the API server.', message: 'grants nodes/proxy: commands in every pod of every node, unseen by admission and audit', fix: 'Grant nodes/metrics, nodes/stats or nodes/healthz instead.', isIn: (rule) => grants(rule, '', ['nodes/proxy'], ['get', ...writes]) },
  { name: 'rbac/token-write', demands: 'Nobody makes tokens of service accounts.', message: 'grants create on serviceaccounts/token: its holder can be every service account it reaches', fix: 'Remove it, or name the service accounts in resourceNames.', isIn: (rule) => grants(rule, '', ['serviceaccounts/token'], ['create']) && rule.resourceNames.length === 0 },
  { name: 'rbac/admission-write', demands: 'Nobody changes what the API server admits.', message: 'grants writing of admission webhooks or policies: its holder sees and changes every object that anybody writes', fix: 'Remove it, or name the objects in resourceNames (create cannot be named: keep it out).', isIn: (rule) => grants(rule, 'admissionregistration.k8s.io', ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'], writes) && rule.resourceNames.length === 0 },
  { name: 'rbac/exception-write', demands: 'Nobody exempts themselves from policies.', message: 'grants writing of policies or of exceptions from them', fix: 'Leave it to those who own the policies.', isIn: (rule) => (grants(rule, 'kyverno.io', ['policyexceptions', 'clusterpolicies', 'policies'], writes) || grants(rule, 'policies.kyverno.io', ['policyexceptions', 'validatingpolicies', 'mutatingpolicies', 'generatingpolicies', 'deletingpolicies', 'imagevalidatingpolicies'], writes)) },
  { name: 'rbac/csr-approve', demands: 'Nobody signs client certificates for others.', message: 'grants approval of certificate requests or of signers: a certificate for any user or group', fix: 'Remove it, or name the signers in resourceNames.', isIn: (rule) => (grants(rule, 'certificates.k8s.io', ['certificatesigningrequests/approval'], ['update', 'patch']) || grants(rule, 'certificates.k8s.io', ['signers'], ['approve', 'sign'])) && rule.resourceNames.length === 0 },
  { name: 'rbac/node-write', demands: 'Nobody changes nodes or reaches their disks.', message: 'grants writing of nodes or persistent volumes: pods are drawn to a node of choice, host paths are mounted as volumes', fix: 'Remove it; claims get their volumes by storage class.', isIn: (rule) => grants(rule, '', ['nodes', 'persistentvolumes'], writes) },
  { name: 'rbac/secrets-everywhere', demands: 'Nobody reads the Secrets of all namespaces.', message: 'is a ClusterRole that reads Secrets without naming them: bound cluster-wide it reads every credential there is', fix: 'Write a Role for the namespaces that are meant, or name the Secrets in resourceNames.', isIn: (rule, { ref }) => ref.kind === 'ClusterRole' && grants(rule, '', ['secrets'], ['get', 'list', 'watch']) && rule.resourceNames.length === 0 },
];

export const escalationRules: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...dangers, ...bindingRules([])].map(({ name, demands }) => [name, demands])),
  'rbac/unused-allowance': 'Every finding that is said to be meant is there.',
};

/** @throws TenancyError TENANCY_SHAPE */
export function lintEscalation(inputs: readonly Input[], { groupPrefixes = [], allowed = [] }: EscalationOptions = {}): Finding[] {
  const { roles, bindings } = rbacObjects(inputs);
  const found = [
    ...roles.flatMap((role) => role.rules.flatMap((rule, i) => dangers.filter((danger) => danger.isIn(rule, role)).map(({ name, message, fix }) => at(role, { path: `rules[${i}]`, rule: name, severity: 'error' as const, message, fix })))),
    ...bindings.flatMap((binding) => bindingRules(groupPrefixes).flatMap((rule: BindingRule) => rule.check(binding).map((what) => at(binding, { severity: 'error' as const, ...what, rule: rule.name })))),
  ];
  const isMeant = ({ object, rule }: Finding): Allowance | undefined => allowed.find((one) => one.rule === rule && one.object === `${object.kind} ${object.namespace ? `${object.namespace}/` : ''}${object.name}`);
  const used = new Set(found.map(isMeant));
  return [
    ...found.filter((finding) => !isMeant(finding)),
    ...allowed.filter((one) => !used.has(one)).map(({ object, rule, reason }): Finding => ({ object: { apiVersion: rbacGroup, kind: object.split(' ')[0] ?? '', name: object.split(' ')[1] ?? object }, path: '', rule: 'rbac/unused-allowance', severity: 'warning', message: `${rule} is allowed ("${reason}") and not found`, fix: 'Remove the allowance.' })),
  ];
}

function at({ ref, source }: Pick<RoleItem, 'ref' | 'source'>, what: Omit<Finding, 'object' | 'source'>): Finding {
  return { object: ref, ...what, ...(source ? { source } : {}) };
}
