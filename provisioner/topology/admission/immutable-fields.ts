/**
 * What of a Cluster of our class stays as it is, whatever version of the class it has or moves to: the family of the class,
 * who it is in its cloud, and the immutable fields. Their rules are rendered from the schemas that mark them. Cluster API evaluates the
 * schemas' own rules too, but not where a field is taken away or added, and without this it would accept what then stalls
 * the topology and turns a running cluster unavailable.
 */
import { validatingPolicy } from '../../api/admission-policy.ts';
import { annotations } from '../../api/labels.ts';
import { classNames, clusterClassName, systemNamespace } from '../../api/names.ts';
import { immutableFields, type ImmutableField } from '../../api/variables/immutable.ts';
import type { KubeObject } from '../../kube/types.ts';

/** The policy and its binding. */
export function immutableFieldsPolicy(): KubeObject[] {
  const fields = immutableFields();
  const variableNames = [...new Set(fields.map(({ variable }) => variable))];
  return validatingPolicy('keelson-immutable-fields', {
    matchConstraints: { resourceRules: [{ apiGroups: ['cluster.x-k8s.io'], apiVersions: ['v1beta2'], operations: ['UPDATE'], resources: ['clusters'] }] },
    matchConditions: [{ name: 'of-our-class', expression: `[object, oldObject].exists(cluster, ${isOurs}) && !has(object.metadata.deletionTimestamp)` }],
    variables: variableNames.flatMap((variable) => [valueOf(variable, 'object', 'new'), valueOf(variable, 'oldObject', 'old')]),
    validations: [family, ...fields.map(validation), identity],
  });
}

/** CEL: whether a cluster is of a version of our class. */
const isOurs = `(cluster.?spec.?topology.?classRef.?name.orValue('').matches('^${classNames}$') && cluster.?spec.?topology.?classRef.?namespace.orValue('') == '${systemNamespace}')`;

/** Key, credential, server groups, gates and clean-up are the operator's for clusters of the class, and known by its names and tags in the cloud. */
const family = {
  expression: `[object, oldObject].all(cluster, ${isOurs})`,
  message: `spec.topology.classRef: a Cluster moves between versions of the class alone (${clusterClassName} and its like in ${systemNamespace}): another class would not know what this one has in the cloud. Make it anew`, reason: 'Forbidden',
};

/** With another identity a Cluster would answer for what another one has in the cloud, and no longer for its own. */
const identity = {
  expression: `[object, oldObject].map(cluster, cluster.metadata.?annotations[?'${annotations.cloudIdentity}'].orValue(cluster.metadata.uid)).all(one, one == oldObject.metadata.?annotations[?'${annotations.cloudIdentity}'].orValue(oldObject.metadata.uid))`,
  message: `annotation ${annotations.cloudIdentity}: who a cluster is in its cloud cannot be changed: everything there carries its tag`, reason: 'Forbidden',
};

/** A list with the value of a class variable, or an empty one: Clusters written before a variable existed lack it. */
const valueOf = (variable: string, object: string, prefix: string): { name: string; expression: string } => ({
  name: `${prefix}_${variable}`,
  expression: `${object}.spec.topology.?variables.orValue([]).filter(v, v.name == '${variable}').map(v, v.value)`,
});

/** A variable that was not there before is Cluster API's default being written for the first time. */
function validation({ variable, path, message }: ImmutableField): { expression: string; message: string; reason: string } {
  const field = (prefix: string): string => `variables.${prefix}_${variable}[0]${path.map((step) => `.?${step}`).join('')}`;
  const isThere = `variables.old_${variable}.size() > 0 && variables.new_${variable}.size() > 0`;
  return { expression: `!(${isThere}) || ${field('new')} == ${field('old')}`, message: `${[variable, ...path].join('.')}: ${message}`, reason: 'Forbidden' };
}
