/**
 * What the API server itself decides about ClusterAccess and AccessBinding: who asked is who wrote, and nobody gives or takes a
 * role wider than their own.
 */
import { mutatingPolicy, type PolicyObject, validatingPolicy } from './admission-policy.ts';
import { accessObjectName, loginSecretType } from './cluster-access.ts';
import { labels } from './labels.ts';
import { group, version } from './names.ts';
import { assume, platformNamespaces, publish } from './workload-rights.ts';

type Validation = { readonly expression: string; readonly messageExpression?: string; readonly message: string; readonly reason: 'Forbidden' };

const accesses = 'clusteraccesses';
const bindings = 'accessbindings';

/** All policies with their bindings. */
export function accessPolicies(): PolicyObject[] {
  return [...requesterPolicy(), ...validating('keelson-cluster-access', accesses, ['CREATE'], [isWriter, groupsAreOwn, roleIsOwn, reachIsOwn]), ...validating('keelson-access-binding', bindings, ['CREATE', 'UPDATE'], [roleIsOwn, reachIsOwn]), ...connectionPolicy(), ...loginSecretPolicy()];
}

/** Writes who asks into the request, whatever stood there. */
function requesterPolicy(): PolicyObject[] {
  const groups = 'has(request.userInfo.groups) ? request.userInfo.groups : []';
  return mutatingPolicy('keelson-cluster-access-requester', {
    matchConstraints: constraints(accesses, ['CREATE']),
    mutations: [{
      patchType: 'JSONPatch',
      jsonPatch: { expression: `[JSONPatch{op: "add", path: "/spec/requester", value: {"username": dyn(request.userInfo.username), "groups": dyn(${groups})}}]` },
    }],
  });
}

const validating = (name: string, resource: string, operations: readonly string[], validations: readonly Validation[]): PolicyObject[] => validatingPolicy(name, { matchConstraints: constraints(resource, operations), validations });

const mayPublish = `authorizer.group('${group}').resource('${publish.resource}').namespace(request.namespace).check('${publish.verb}').allowed()`;
const coreRule = (resource: string): object => ({ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: [resource] });

/** The certificate authority that people trust with their tokens is the operator's to tell, also where they may write ConfigMaps. */
function connectionPolicy(): PolicyObject[] {
  return validatingPolicy('keelson-access-connection', {
    matchConstraints: { objectSelector: { matchLabels: { [labels.access]: 'connection' } }, resourceRules: [coreRule('configmaps')] },
    validations: [{ expression: mayPublish, message: `${labels.access}: only the operator says how a cluster is reached (verb ${publish.verb} on ${publish.resource}.${group})`, reason: 'Forbidden' }],
  });
}

/** A kubeconfig can run commands on its user's machine, so nobody else writes the Secrets of logins, also where they may write Secrets. */
function loginSecretPolicy(): PolicyObject[] {
  return validatingPolicy('keelson-access-login', {
    matchConstraints: { resourceRules: [coreRule('secrets')] },
    matchConditions: [{ name: 'of-a-login', expression: `object.metadata.name.startsWith('${accessObjectName('')}') || object.?type.orValue('') == '${loginSecretType}'` }],
    // Controllers of Kubernetes change finalizers and owners.
    validations: [{ expression: `(oldObject != null && object.?data == oldObject.?data) || ${mayPublish}`, message: `${accessObjectName('*')}: only the operator writes the kubeconfigs of logins`, reason: 'Forbidden' }],
  });
}

const constraints = (resource: string, operations: readonly string[]): object => ({ resourceRules: [{ apiGroups: [group], apiVersions: [version], operations, resources: [resource] }] });

/** Whether the writer may give or take a role in the namespace of the object. */
const mayAssume = (name: string): string => `authorizer.group('${group}').resource('${assume.resource}').namespace(request.namespace).name(${name}).check('${assume.verb}').allowed()`;

/** Also where the mutating policy is missing. */
const isWriter: Validation = {
  expression: 'object.spec.requester.username == request.userInfo.username && (has(request.userInfo.groups) ? object.spec.requester.groups == request.userInfo.groups : object.spec.requester.groups.size() == 0)',
  message: 'requester: must be who writes the request; leave it out, it is filled in',
  reason: 'Forbidden',
};

const groupsAreOwn: Validation = {
  expression: "object.spec.groups.all(g, has(request.userInfo.groups) && g in request.userInfo.groups && !g.startsWith('system:') && !g.startsWith('keelson:'))",
  message: 'groups: only groups that you are in yourself, and none of Kubernetes (system:) or ours (keelson:)',
  reason: 'Forbidden',
};

const roleIsOwn: Validation = {
  expression: `!has(object.spec.role) || ${mayAssume('object.spec.role')}`,
  messageExpression: `'role: ' + object.spec.role + ' is wider than what ' + request.userInfo.username + ' has in ' + request.namespace + ' (verb ${assume.verb} on ${assume.resource}.${group})'`,
  message: 'role: wider than what you have yourself',
  reason: 'Forbidden',
};

const platform = `[${platformNamespaces.map((name) => `'${name}'`).join(', ')}]`;
const reachIsOwn: Validation = {
  expression: `!has(object.spec.role) || object.spec.role == 'reader' || !(object.spec.clusterWide || (has(object.spec.namespaces) && object.spec.namespaces.exists(n, n in ${platform}))) || ${mayAssume("'cluster-admin'")}`,
  message: `clusterWide, namespaces: only the fleet's owners reach ${platformNamespaces.join(', ')} and the whole cluster with more than reader`,
  reason: 'Forbidden',
};
