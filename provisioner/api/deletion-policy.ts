/** Refuses at admission to delete what carries the label keelson.dev/prevent-deletion: "true". Rendered into chart keelson. */
import { type PolicyObject, validatingPolicy } from './admission-policy.ts';
import { labels } from './labels.ts';
import { group } from './names.ts';

/** The policy and its binding. They hold for the controllers that empty a namespace, too: it stays until the label is gone. */
export function deletionPolicy(): PolicyObject[] {
  return validatingPolicy('keelson-prevent-deletion', {
    matchConstraints: { resourceRules: [{ apiGroups: [group], apiVersions: ['*'], operations: ['DELETE'], resources: ['apps', 'catalogs'] }] },
    validations: [{
      expression: `oldObject.metadata.?labels[?'${labels.preventDeletion}'].orValue('') != 'true'`,
      message: `it carries the label ${labels.preventDeletion}: "true"; remove the label first`,
      reason: 'Forbidden',
    }],
  });
}
