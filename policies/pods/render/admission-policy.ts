/**
 * The table as a ValidatingAdmissionPolicy: decided inside the API server, with no webhook that can be down. One policy;
 * each class of namespaces has a ConfigMap with its level and version, and bindings that point to it.
 * https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
 */
import type { Level } from '../check.ts';
import { annotationsExpression, checkExpression, checkMessage, containersExpression } from '../cel.ts';
import { controllerVariable, identityVariables } from '../exception-cel.ts';
import { type Table, table as standard } from '../table.ts';
import { newestMinor } from '../version.ts';

export const policyName = 'keelson-pod-security';

const pods = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods', 'pods/ephemeralcontainers'] }];
const workloads = [
  { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments', 'replicasets', 'statefulsets', 'daemonsets'] },
  { apiGroups: ['batch'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['jobs', 'cronjobs'] },
  { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['replicationcontrollers', 'podtemplates'] },
];

const template = 'variables.template';
const appArmor = 'container.apparmor.security.beta.kubernetes.io/';

export interface PolicyOptions {
  /** CEL: the checks that exceptions waive for this object, one list. */
  readonly waived?: string;
  readonly table?: Table;
}

export function admissionPolicy({ waived = '[]', table = standard }: PolicyOptions = {}): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: policyName },
    spec: {
      failurePolicy: 'Fail',
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConstraints: { resourceRules: [...pods, ...workloads] },
      matchConditions: [
        {
          // A pod's fields cannot change but for images and ephemeral containers; controllers and kubelets that touch metadata of an old pod must not be stopped.
          name: 'security-of-the-pod-changes',
          expression: `request.resource.resource != 'pods' || request.operation != 'UPDATE' || object.spec != oldObject.spec || !object.metadata.?annotations.orValue({}).all(k, !k.startsWith('${appArmor}') || oldObject.metadata.?annotations.orValue({})[?k].orValue('') == object.metadata.annotations[k])`,
        },
      ],
      variables: [
        { name: 'level', expression: "params.data[?'level'].orValue('restricted')" },
        { name: 'minor', expression: `params.data[?'version'].orValue('latest') == 'latest' ? ${newestMinor} : int(params.data.version.split('.')[1])` },
        { name: 'template', expression: "object.kind == 'Pod' ? dyn(object) : (object.kind == 'CronJob' ? dyn(object).spec.jobTemplate.spec.template : (object.kind == 'PodTemplate' ? dyn(object).template : dyn(object).spec.template))" },
        { name: 'containers', expression: containersExpression(template) },
        { name: 'annotations', expression: annotationsExpression(template) },
        { name: 'labels', expression: `has(${template}.metadata) ? ${template}.metadata.?labels.orValue({}) : {}` },
        ...identityVariables,
        controllerVariable,
        { name: 'waived', expression: waived },
        ...table.map((check) => ({ name: check.id, expression: `${checkExpression(check, template, table)} || '${check.id}' in variables.waived` })),
        { name: 'refused', expression: table.map((check) => `(variables.${check.id} ? [] : [${JSON.stringify(checkMessage(check))}])`).join(' + ') },
      ],
      // One validation for all checks: the API server tells the message of the first that fails only.
      validations: [{ expression: 'variables.refused.size() == 0', messageExpression: "variables.refused.join(' | ')", reason: 'Forbidden' }],
    },
  };
}

/** Which namespaces, by exact name: a label of that key cannot be changed. */
export type Namespaces = { readonly in: readonly string[] } | { readonly notIn: readonly string[] };

export interface ClassOptions {
  /** Part of the objects' names: "tenant". */
  readonly name: string;
  /** Where the ConfigMap is. */
  readonly namespace: string;
  readonly level: Level;
  readonly version: string;
}

export function parameters({ name, namespace, level, version }: ClassOptions): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${policyName}-${name}`, namespace }, data: { level, version } };
}

/** Deny pods, or let them in with a warning and a line in the audit log. */
export type Mode = 'audit' | 'deny';
export const actionsOf: Readonly<Record<Mode, readonly string[]>> = { audit: ['Warn', 'Audit'], deny: ['Deny'] };

/** Binds the policy for pods. Where the ConfigMap is missing nothing is admitted: it is never missing by itself. */
export function podBinding(o: Pick<ClassOptions, 'name' | 'namespace'> & { readonly namespaces: Namespaces; readonly actions: readonly string[] }): object {
  return binding(`${policyName}-${o.name}`, pods, o);
}

/** Binds it for controllers, as Pod Security admission does: their authors are warned at once, pods are what is denied. */
export function workloadBinding(o: Pick<ClassOptions, 'name' | 'namespace'> & { readonly namespaces: Namespaces }): object {
  return binding(`${policyName}-${o.name}-workloads`, workloads, { ...o, actions: actionsOf.audit });
}

function binding(name: string, resourceRules: readonly object[], o: Pick<ClassOptions, 'name' | 'namespace'> & { readonly namespaces: Namespaces; readonly actions: readonly string[] }): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name },
    spec: {
      policyName,
      paramRef: { name: `${policyName}-${o.name}`, namespace: o.namespace, parameterNotFoundAction: 'Deny' },
      matchResources: { namespaceSelector: selectorOf(o.namespaces), resourceRules },
      validationActions: o.actions,
    },
  };
}

export function selectorOf(namespaces: Namespaces): object {
  const [operator, values] = 'in' in namespaces ? (['In', namespaces.in] as const) : (['NotIn', namespaces.notIn] as const);
  return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values }] };
}
