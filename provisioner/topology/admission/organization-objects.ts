/** What stands in an organization's namespace and is not its members': keys of clusters, credentials of clouds, the bindings of members, the namespace itself. */
import { annotations, labels } from '../../api/labels.ts';
import { group, organizationNamespace } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { namespaceList, policy, unlessProvisioner } from './policy.ts';

export const organizationObjectPolicies = (): KubeObject[] => [...secrets(), ...apps(), ...bindings(), ...namespaces()];

/**
 * Cluster API finds a cluster's CA, keys and kubeconfig by these names and takes a Secret that is there already, whoever
 * made it: https://cluster-api.sigs.k8s.io/tasks/certs/using-custom-certificates
 */
const clusterSecrets = ['ca', 'etcd', 'proxy', 'sa', 'kubeconfig', 'apiserver-etcd-client', 'encryption', 'cloud-credential'] as const;

/**
 * Nobody reads Secrets here, and a DELETE must not show one either: the API server answers it with the whole object where
 * the object stays for a while (k8s.io/apiserver/pkg/registry/generic/registry/store.go, Delete), which a finalizer, its own
 * or that of foreground deletion, makes it do, even in a dry run.
 */
const secrets = (): KubeObject[] => policy({
  name: 'keelson-secrets-of-organizations',
  inOrganizations: true,
  rules: [{ apiGroups: [''], resources: ['secrets'], operations: ['CREATE', 'UPDATE', 'DELETE'], apiVersions: ['v1'] }],
  conditions: [unlessProvisioner],
  variables: [
    { name: 'secret', expression: "request.operation == 'DELETE' ? oldObject : object" },
    { name: 'types', expression: "[object, oldObject].filter(s, s != null).map(s, s.?type.orValue(''))" },
  ],
  validations: [
    { expression: "variables.types.all(t, t != 'cluster.x-k8s.io/secret')", message: "keys, certificates and kubeconfigs of clusters are Cluster API's" },
    { expression: `!variables.secret.?metadata.?name.orValue('').matches('-(${clusterSecrets.join('|')})$')`, message: `names that end in -${clusterSecrets.join(', -')} are those of clusters' own Secrets: choose another` },
    { expression: `!(('Secret/' + variables.secret.?metadata.?name.orValue('')) in ${namespaceList(annotations.identities)})`, message: "this Secret is an identity of the Organization: whoever owns the fleet writes it" },
    { expression: "variables.types.all(t, t != 'kubernetes.io/service-account-token')", message: 'tokens that never end are not made here: use kubectl create token' },
    { expression: "request.operation != 'DELETE' || (request.options.?propagationPolicy.orValue('Background') == 'Background' && !request.options.?orphanDependents.orValue(false) && oldObject.metadata.?finalizers.orValue([]).size() == 0)", message: 'a Secret is deleted with propagation policy Background and without finalizers: otherwise the answer would show it' },
  ],
});

const apps = (): KubeObject[] => policy({
  name: 'keelson-apps-of-organizations',
  inOrganizations: true,
  rules: [{ apiGroups: [group], resources: ['apps'], operations: ['CREATE', 'UPDATE'] }],
  conditions: [unlessProvisioner],
  validations: [{ expression: "object.spec.?target.orValue('Cluster') == 'Cluster'", message: "Apps of an organization are installed in its clusters: the management cluster is the fleet's owners'" }],
});

const bindings = (): KubeObject[] => policy({
  name: 'keelson-bindings-of-organizations',
  inOrganizations: true,
  rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'], operations: ['CREATE', 'UPDATE', 'DELETE'] }],
  conditions: [unlessProvisioner],
  variables: [{ name: 'binding', expression: "request.operation == 'DELETE' ? oldObject : object" }],
  validations: [
    { expression: "!variables.binding.?metadata.?name.orValue('').startsWith('keelson-organization-')", message: 'this binding follows from the members of the Organization: change those' },
    { expression: "request.operation == 'DELETE' || object.?subjects.orValue([]).all(s, s.kind == 'ServiceAccount' || !s.name.startsWith('system:'))", message: 'users and groups of Kubernetes itself, such as system:authenticated, get no rights here' },
  ],
});

/** For everybody: a namespace goes by its Organization, which looks at the clusters first. */
const namespaces = (): KubeObject[] => policy({
  name: 'keelson-namespaces-of-organizations',
  rules: [{ apiGroups: [''], resources: ['namespaces'], operations: ['CREATE', 'UPDATE', 'DELETE'], apiVersions: ['v1'] }],
  conditions: [{ name: 'of-an-organization', expression: `[object, oldObject].exists(n, n != null && n.metadata.?labels[?'${labels.organization}'].hasValue())` }],
  variables: [
    { name: 'before', expression: `oldObject == null ? '' : oldObject.metadata.?labels[?'${labels.organization}'].orValue('')` },
    { name: 'after', expression: `object == null ? '' : object.metadata.?labels[?'${labels.organization}'].orValue('')` },
    { name: 'confirmed', expression: `oldObject == null ? '' : oldObject.metadata.?annotations[?'${annotations.confirmDeletion}'].orValue('')` },
  ],
  validations: [
    { expression: `request.operation == 'DELETE' || variables.after == '' || object.metadata.name == '${organizationNamespace('')}' + variables.after`, message: `the label ${labels.organization} belongs on the namespace ${organizationNamespace('<organization>')} alone` },
    { expression: "request.operation != 'UPDATE' || variables.before == '' || variables.after == variables.before || variables.confirmed == variables.before", message: `the label ${labels.organization} stays while there is the Organization: delete that` },
    { expression: "request.operation != 'DELETE' || variables.before == '' || variables.confirmed == variables.before", message: `this namespace goes with its Organization: delete that. Without one, confirm with the annotation ${annotations.confirmDeletion} and the organization's name` },
  ],
});
