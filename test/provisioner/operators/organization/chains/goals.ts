/** What no chain may lead a member of organization acme to, as requests that RBAC would have to give. */
import type { ResourceRequest } from '../../../../../policies/tenancy/rights/rule.ts';

export interface Goal {
  readonly what: string;
  readonly request: ResourceRequest;
}

const rbac = 'rbac.authorization.k8s.io';
const admission = 'admissionregistration.k8s.io';
export const request = (verb: string, apiGroup: string, resource: string, at: { namespace?: string; name?: string; subresource?: string } = {}): ResourceRequest => ({ verb, apiGroup, resource, ...at });
export const goal = (what: string, ...requests: ResourceRequest[]): Goal[] => requests.map((one) => ({ what, request: one }));
export const each = (verbs: readonly string[], make: (verb: string) => ResourceRequest): ResourceRequest[] => verbs.map(make);
export const read = ['get', 'list', 'watch'];
export const write = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** What belongs to owners in every kind of cluster. */
export const ofEveryCluster: readonly Goal[] = [
  ...goal('reaches nodes', ...each(['get', 'create'], (verb) => request(verb, '', 'nodes', { subresource: 'proxy' })), ...each(write, (verb) => request(verb, '', 'nodes')), ...each(write, (verb) => request(verb, '', 'persistentvolumes'))),
  ...goal('decides what is admitted', ...['validatingwebhookconfigurations', 'mutatingwebhookconfigurations', 'validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'].flatMap((resource) => each(write, (verb) => request(verb, admission, resource)))),
  ...goal('changes kinds and APIs', ...each(write, (verb) => request(verb, 'apiextensions.k8s.io', 'customresourcedefinitions')), ...each(write, (verb) => request(verb, 'apiregistration.k8s.io', 'apiservices'))),
  ...goal('signs certificates', ...each(['update', 'patch'], (verb) => request(verb, 'certificates.k8s.io', 'certificatesigningrequests', { subresource: 'approval' })), ...each(['approve', 'sign'], (verb) => request(verb, 'certificates.k8s.io', 'signers', { name: 'kubernetes.io/kube-apiserver-client' }))),
];

export const goals: readonly Goal[] = [
  ...['org-acme', 'org-other', 'keelson-system', 'kube-system'].flatMap((namespace) => goal(`reads Secrets of ${namespace}`, ...each([...read, 'patch'], (verb) => request(verb, '', 'secrets', { namespace })))),
  ...goal('reaches another organization', ...[['', 'configmaps'], ['', 'secrets'], ['cluster.x-k8s.io', 'clusters'], ['cluster.x-k8s.io', 'machines'], ['keelson.dev', 'apps'], ['keelson.dev', 'clusteraccesses'], ['keelson.dev', 'accessbindings'], [rbac, 'rolebindings'], [rbac, 'roles']]
    .flatMap(([group = '', resource = '']) => each([...read, ...write], (verb) => request(verb, group, resource, { namespace: 'org-other' })))),
  ...goal('sees all organizations', ...each(read, (verb) => request(verb, 'cluster.x-k8s.io', 'clusters')), ...each([...read, ...write], (verb) => request(verb, 'keelson.dev', 'organizations'))),
  ...goal('escalates', ...['roles', 'clusterroles'].flatMap((resource) => each(['escalate', 'bind'], (verb) => request(verb, rbac, resource, { namespace: 'org-acme' }))), ...each(write, (verb) => request(verb, rbac, 'clusterrolebindings')), ...each(write, (verb) => request(verb, rbac, 'clusterroles'))),
  ...goal('becomes somebody else', ...['users', 'groups', 'serviceaccounts', 'uids'].map((resource) => request('impersonate', '', resource)), request('impersonate', '', 'serviceaccounts', { namespace: 'org-acme' })),
  ...ofEveryCluster,
  ...goal('provisions', request('provision', 'keelson.dev', 'organizations')),
  ...goal('is the operator', request('publish', 'keelson.dev', 'connections', { namespace: 'org-acme' })),
  ...goal('is cluster-admin of a cluster', request('assume', 'keelson.dev', 'workloadroles', { namespace: 'org-acme', name: 'cluster-admin' })),
  ...goal('changes namespaces and bounds', ...each(write, (verb) => request(verb, '', 'namespaces')), ...each(['update', 'patch', 'delete'], (verb) => request(verb, '', 'namespaces', { namespace: 'org-acme', name: 'org-acme' })), ...each(write, (verb) => request(verb, '', 'resourcequotas', { namespace: 'org-acme' }))),
];
