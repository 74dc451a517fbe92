/** The only door is Cluster: in an organization's namespace nobody but those who provision makes machines, templates or OpenStack objects, and Clusters are what the organization may have. */
import { annotations, labels } from '../../api/labels.ts';
import { maxClusterName } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { namespaceList, policy, unlessProvisioner, type Validation } from './policy.ts';

const clusterApi = 'cluster.x-k8s.io';
/** Everything Cluster API and its providers define, also what a later version adds. */
const groups = [clusterApi, `addons.${clusterApi}`, `bootstrap.${clusterApi}`, `controlplane.${clusterApi}`, `infrastructure.${clusterApi}`, `ipam.${clusterApi}`];

export function onlyDoorPolicies(): KubeObject[] {
  return [
    ...policy({
      name: 'keelson-only-door',
      inOrganizations: true,
      rules: [{ apiGroups: groups, resources: ['*', '*/scale'], operations: ['CREATE', 'UPDATE'] }],
      conditions: [{ name: 'not-a-cluster', expression: `!(request.resource.group == '${clusterApi}' && request.resource.resource == 'clusters')` }, unlessProvisioner],
      validations: [{ expression: 'false', message: 'machines, templates and OpenStack objects of an organization are made by Cluster API: write a Cluster with spec.topology, or change the one there is' }],
    }),
    ...policy({
      name: 'keelson-clusters-of-organizations',
      inOrganizations: true,
      rules: [{ apiGroups: [clusterApi], resources: ['clusters'], operations: ['CREATE', 'UPDATE'] }],
      conditions: [unlessProvisioner],
      variables,
      validations: [...topology, ...credentials, ...notForged],
    }),
  ];
}

const variables = [
  { name: 'isNew', expression: "request.operation == 'CREATE'" },
  { name: 'class', expression: "object.spec.?topology.?classRef.?namespace.orValue(object.metadata.namespace) + '/' + object.spec.?topology.?classRef.?name.orValue('')" },
  { name: 'classBefore', expression: "request.operation == 'CREATE' ? '' : oldObject.spec.?topology.?classRef.?namespace.orValue(object.metadata.namespace) + '/' + oldObject.spec.?topology.?classRef.?name.orValue('')" },
  { name: 'identity', expression: "object.spec.?topology.?variables.orValue([]).filter(v, v.name == 'cloud').map(v, v.value.?identity.?type.orValue('Secret') + '/' + v.value.?identity.?name.orValue('cloud'))" },
  { name: 'groups', expression: '(has(object.spec.topology) ? [object.spec.topology.?controlPlane.?variables.?overrides.orValue([])] : []) + object.spec.?topology.?workers.?machineDeployments.orValue([]).map(g, g.?variables.?overrides.orValue([])) + object.spec.?topology.?workers.?machinePools.orValue([]).map(g, g.?variables.?overrides.orValue([]))' },
] as const;

const topology: readonly Validation[] = [
  { expression: "object.spec.?topology.?classRef.?name.orValue('') != ''", message: 'a Cluster of an organization has spec.topology: its machines follow from a ClusterClass' },
  { expression: `variables.class == variables.classBefore || variables.class in ${namespaceList(annotations.allowedClasses)}`, message: "this ClusterClass is not allowed here: the Organization's spec.allowedClasses names those that are" },
  { expression: `!variables.isNew || object.metadata.name.size() <= ${maxClusterName}`, message: `a Cluster's name has at most ${maxClusterName} characters: names of servers, load balancers and volumes are built from it` },
  ...['infrastructureRef', 'controlPlaneRef'].map((field) => ({
    expression: `variables.isNew ? !has(object.spec.${field}) : object.spec.?${field} == oldObject.spec.?${field}`,
    message: `spec.${field} is Cluster API's to write: it follows from spec.topology`,
  })),
];

const credentials: readonly Validation[] = [
  { expression: `(variables.identity.size() == 0 ? ['Secret/cloud'] : variables.identity).all(i, i in ${namespaceList(annotations.identities)})`, message: "the variable cloud names credentials that are not this organization's: the Organization's spec.identities names those that are" },
  { expression: "variables.groups.all(overrides, overrides.all(v, v.name != 'cloud'))", message: 'the variable cloud holds for the whole Cluster and cannot be overridden' },
];

/** What the operator writes for the hooks to read, and what monitoring takes for the truth. */
const operatorsOwn = [annotations.preflight, annotations.deletionHold, annotations.appsLeave, annotations.workloadsRemoved];
const notForged: readonly Validation[] = [
  { expression: `object.metadata.?labels[?'${labels.organization}'].orValue(namespaceObject.metadata.labels['${labels.organization}']) == namespaceObject.metadata.labels['${labels.organization}']`, message: `the label ${labels.organization} names the organization of the namespace or is left out` },
  ...operatorsOwn.map((key) => ({
    expression: `!(object.metadata.?annotations[?'${key}'].hasValue()) || (!variables.isNew && oldObject.metadata.?annotations[?'${key}'] == object.metadata.?annotations[?'${key}'])`,
    message: `the annotation ${key} is the operator's to write`,
  })),
];
