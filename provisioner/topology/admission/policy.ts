/** How the policies on what members of organizations write are made, and who is exempt from them. */
import { validatingPolicy } from '../../api/admission-policy.ts';
import { labels } from '../../api/labels.ts';
import { group } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';

export interface Validation {
  readonly expression: string;
  readonly message: string;
}

export interface PolicyOptions {
  readonly name: string;
  readonly rules: readonly { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[]; readonly apiVersions?: readonly string[] }[];
  /** Only in namespaces of organizations. */
  readonly inOrganizations?: boolean;
  readonly conditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly Validation[];
}

export function policy({ name, rules, inOrganizations = false, conditions = [], variables = [], validations }: PolicyOptions): KubeObject[] {
  const namespaceSelector = { matchExpressions: [{ key: labels.organization, operator: 'Exists' }] };
  return validatingPolicy(name, {
    matchConstraints: { ...(inOrganizations ? { namespaceSelector } : {}), resourceRules: rules.map((rule) => ({ apiVersions: ['*'], ...rule })) },
    matchConditions: conditions,
    variables,
    validations: validations.map((validation) => ({ ...validation, reason: 'Forbidden' })),
  });
}

/** The verb on organizations by which Cluster API, our operator and the fleet's owners are known: who has it makes what tenants only declare. */
export const provisionVerb = 'provision';

/** What is refused to tenants is done by those who provision: the API server is asked whether the writer is one. */
export const unlessProvisioner = {
  name: 'not-by-those-who-provision',
  expression: `!authorizer.group('${group}').resource('organizations').check('${provisionVerb}').allowed()`,
} as const;

/** A CEL expression: an annotation of the namespace as a list. */
export const namespaceList = (annotation: string): string => `namespaceObject.metadata.?annotations[?'${annotation}'].orValue('').split(',')`;
