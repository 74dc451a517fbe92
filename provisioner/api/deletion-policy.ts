/** Refuses at admission to delete what carries the label keelson.dev/prevent-deletion: "true". Rendered into chart keelson. */
import { labels } from './labels.ts';
import { group } from './names.ts';

const name = 'keelson-prevent-deletion';

/** The policy and its binding. They hold for the controllers that empty a namespace, too: it stays until the label is gone. */
export function deletionPolicy(): readonly object[] {
  return [
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: { resourceRules: [{ apiGroups: [group], apiVersions: ['*'], operations: ['DELETE'], resources: ['apps', 'catalogs'] }] },
        validations: [{
          expression: `oldObject.metadata.?labels[?'${labels.preventDeletion}'].orValue('') != 'true'`,
          message: `it carries the label ${labels.preventDeletion}: "true"; remove the label first`,
          reason: 'Forbidden',
        }],
      },
    },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name }, spec: { policyName: name, validationActions: ['Deny'] } },
  ];
}
