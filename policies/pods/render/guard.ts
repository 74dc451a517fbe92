/**
 * Policy exceptions of Kyverno count wherever its configuration says, and have come from any namespace before
 * (GHSA-qjvc-p88j-j9rm; kyverno#17367: versions that its own webhook did not see). This policy keeps them out of all
 * namespaces but the named ones, whatever group and version they are written in.
 */
export const guardName = 'keelson-exception-guard';

/** @param namespaces where exceptions may be, as a CEL list: `["keelson-system"]` */
export function exceptionGuard(namespaces: string): object[] {
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name: guardName },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['policyexceptions'] }] },
        validations: [
          {
            expression: `object.metadata.?namespace.orValue('') in ${namespaces}`,
            messageExpression: `'policy exceptions may only be in namespaces ' + ${namespaces}.join(', ') + ': ask the platform team, or add it to the values of the chart policies'`,
            reason: 'Forbidden',
          },
        ],
      },
    },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: guardName }, spec: { policyName: guardName, validationActions: ['Deny'] } },
  ];
}
