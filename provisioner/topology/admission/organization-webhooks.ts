/** The webhooks that the extension serves, as the API server is told of them. Where no extension answers, Clusters of organizations do not grow and Organizations do not change; everything that runs goes on. */
import { annotations, labels } from '../../api/labels.ts';
import { group, systemNamespace, topologyExtensionName, topologyExtensionSecret, version } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';

export const admissionPaths = { clusters: '/admission/clusters', organizations: '/admission/organizations' } as const;

/** Labels of the namespace that say it is an organization's. */
const inOrganizations = { matchExpressions: [{ key: labels.organization, operator: 'Exists' }] };

export function organizationWebhooks(): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'keelson-organizations', annotations: { [annotations.injectCaFrom]: `${systemNamespace}/${topologyExtensionSecret}` } },
    webhooks: [
      webhook('clusters', {
        rules: [{ apiGroups: ['cluster.x-k8s.io'], apiVersions: ['v1beta2'], operations: ['CREATE', 'UPDATE'], resources: ['clusters'], scope: 'Namespaced' }],
        namespaceSelector: inOrganizations,
        // Status, finalizers, annotations and references change without us.
        matchConditions: [
          { name: 'topology-changes', expression: "request.operation == 'CREATE' || (has(object.spec.topology) && (!has(oldObject.spec.topology) || object.spec.topology != oldObject.spec.topology))" },
          { name: 'not-going', expression: '!has(object.metadata.deletionTimestamp)' },
        ],
      }),
      webhook('organizations', { rules: [{ apiGroups: [group], apiVersions: [version], operations: ['CREATE', 'UPDATE', 'DELETE'], resources: ['organizations'], scope: 'Cluster' }] }),
    ],
  };
}

function webhook(name: keyof typeof admissionPaths, what: object): object {
  return {
    name: `${name}.organizations.${group}`,
    clientConfig: { service: { namespace: systemNamespace, name: topologyExtensionName, port: 443, path: admissionPaths[name] } },
    ...what,
    admissionReviewVersions: ['v1'],
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 10,
  };
}
