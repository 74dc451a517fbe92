/**
 * Refuses changes of immutable fields at admission, rendered from the schemas that mark them. Cluster API evaluates the
 * schemas' own rules too, but not where a field is taken away or added, and without this it would accept what then stalls
 * the topology and turns a running cluster unavailable.
 */
import { validatingPolicy } from '../../api/admission-policy.ts';
import { annotations } from '../../api/labels.ts';
import { clusterClassName, systemNamespace } from '../../api/names.ts';
import { immutableFields, type ImmutableField } from '../../api/variables/immutable.ts';
import type { KubeObject } from '../../kube/types.ts';

/** The policy and its binding. */
export function immutableFieldsPolicy(): KubeObject[] {
  const fields = immutableFields();
  const variableNames = [...new Set(fields.map(({ variable }) => variable))];
  return validatingPolicy(`keelson-${clusterClassName}-immutable`, {
    matchConstraints: { resourceRules: [{ apiGroups: ['cluster.x-k8s.io'], apiVersions: ['v1beta2'], operations: ['UPDATE'], resources: ['clusters'] }] },
    matchConditions: [{ name: 'of-our-class', expression: `[object, oldObject].all(cluster, cluster.?spec.?topology.?classRef.?name.orValue('') == '${clusterClassName}' && cluster.?spec.?topology.?classRef.?namespace.orValue('') == '${systemNamespace}') && !has(object.metadata.deletionTimestamp)` }],
    variables: variableNames.flatMap((variable) => [valueOf(variable, 'object', 'new'), valueOf(variable, 'oldObject', 'old')]),
    validations: [...fields.map(validation), identity],
  });
}

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
