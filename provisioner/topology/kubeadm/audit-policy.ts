/**
 * What the API server writes down (CIS 3.2.1, 3.2.2): who did what to which object, never the content of Secrets and
 * tokens. The first rule that matches decides. https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
 */

/** Requests that would fill the log and tell nothing: health, discovery, leases, events. */
const silent = [
  { level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi/*', '/api', '/api/*', '/apis', '/apis/*'], verbs: ['get'] },
  { level: 'None', resources: [{ group: 'coordination.k8s.io', resources: ['leases'] }] },
  { level: 'None', resources: [{ group: '', resources: ['events'] }, { group: 'events.k8s.io', resources: ['events'] }] },
] as const;

/** What the system reads all day about itself. Stands after the rules for what is confidential. */
const routine = [
  { level: 'None', userGroups: ['system:nodes'], verbs: ['get', 'list', 'watch'], resources: [{ group: '', resources: ['nodes', 'nodes/status', 'pods', 'services'] }, { group: 'discovery.k8s.io', resources: ['endpointslices'] }] },
  { level: 'None', users: ['system:kube-scheduler', 'system:kube-controller-manager', 'system:kube-proxy', 'system:apiserver'], verbs: ['get', 'list', 'watch'] },
] as const;

/** Their bodies hold secrets; that they were read or changed is written down, what was in them is not. */
const confidential = {
  level: 'Metadata',
  resources: [
    { group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'] },
    { group: 'authentication.k8s.io', resources: ['tokenreviews', 'tokenrequests'] },
    { group: 'certificates.k8s.io', resources: ['certificatesigningrequests'] },
  ],
} as const;

/** Doors into containers and nodes. */
const doors = { level: 'Request', resources: [{ group: '', resources: ['pods/exec', 'pods/attach', 'pods/portforward', 'pods/proxy', 'pods/ephemeralcontainers', 'services/proxy', 'nodes/proxy'] }] } as const;

/** Who may do what: the whole request and its answer. */
const rights = { level: 'RequestResponse', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'], resources: [{ group: 'rbac.authorization.k8s.io' }, { group: 'admissionregistration.k8s.io' }] } as const;

const reads = { level: 'Metadata', verbs: ['get', 'list', 'watch'] } as const;
const changes = { level: 'Request', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] } as const;

/** @param extra rules of the user, asked first */
export function auditPolicy(extra: readonly Readonly<Record<string, unknown>>[]): object {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    omitManagedFields: true,
    rules: [...extra, ...silent, confidential, doors, rights, ...routine, reads, changes, { level: 'Metadata' }],
  };
}
