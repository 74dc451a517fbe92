/**
 * A new Cluster of an organization gets its Organization's defaults where it says nothing. The API server itself writes them
 * (MutatingAdmissionPolicy), before Cluster API's webhook fills in those of the class; kubectl shows
 * them, and the annotation keelson.dev/defaulted names them.
 *
 * A Cluster that is there is not changed: what it was given it keeps, also when a manifest that leaves it out is applied
 * again, which takes the list of variables away as a whole; and later defaults are not its. One case differs: somebody
 * changes the version and leaves out the image. An image holds one Kubernetes, so the old one is no answer; it is that of the
 * default version, where that is asked for, or none.
 */
import { mutatingPolicy } from '../../api/admission-policy.ts';
import { annotations, labels } from '../../api/labels.ts';
import { defaultedVariables } from '../../api/organization-defaults.ts';
import type { KubeObject } from '../../kube/types.ts';

const topology = '/spec/topology';

export function organizationDefaultsPolicy(): KubeObject[] {
  return mutatingPolicy('keelson-organization-defaults', {
    matchConstraints: {
      namespaceSelector: { matchExpressions: [{ key: labels.organization, operator: 'Exists' }] },
      resourceRules: [{ apiGroups: ['cluster.x-k8s.io'], apiVersions: ['v1beta2'], operations: ['CREATE', 'UPDATE'], resources: ['clusters'] }],
    },
    matchConditions: [
      { name: 'has-a-topology', expression: 'has(object.spec.topology)' },
      { name: 'is-new-or-was-given-something', expression: `request.operation == 'CREATE' || (oldObject.metadata.?annotations[?'${annotations.defaulted}'].hasValue() && object.spec.topology != oldObject.?spec.?topology.orValue(object.spec.topology))` },
    ],
    variables,
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: patch } }],
  });
}

/** CEL: the values of a field, none or one. From the namespace, or what the Cluster had. */
const fromNamespace = (field: string, value: string): string => `variables.lines.filter(l, l[0] == '${field}').map(l, dyn(${value}))`;
const ofTopology = (field: string, value: string): string =>
  `has(object.spec.topology.${field}) ? [] : (variables.isNew ? ${fromNamespace(field, value)} : ('${field}' in variables.given && has(oldObject.spec.topology.${field}) ? [dyn(oldObject.spec.topology.${field})] : []))`;

/** CEL: what stands behind `=` on the line `l`, as the variable wants it. */
const valueOf: Readonly<Record<string, string>> = {
  identity: "{'type': l[1].split('/')[0], 'name': l[1].split('/')[1], 'cloudName': l[1].split('/')[2]}",
  externalNetwork: "{'name': l[1]}",
};

function ofVariable({ variable, field }: (typeof defaultedVariables)[number]): string {
  const path = `${variable}/${field}`;
  const fresh = fromNamespace(path, valueOf[field] ?? 'l[1]');
  const kept = `('${path}' in variables.given ? variables.before.filter(v, v.name == '${variable}' && type(v.value) == map && '${field}' in v.value).map(v, v.value['${field}']) : [])`;
  const values = field === 'image'
    ? `(variables.isNew || variables.isOtherVersion ? (variables.wantedVersion in variables.lines.filter(l, l[0] == 'version').map(l, l[1]) && (variables.isNew || '${path}' in variables.given) ? ${fresh} : []) : ${kept})`
    : `(variables.isNew ? ${fresh} : ${kept})`;
  return `{'variable': dyn('${variable}'), 'field': dyn('${field}'), 'values': dyn(${values})}`;
}

const variables = [
  { name: 'isNew', expression: "request.operation == 'CREATE'" },
  { name: 'lines', expression: `namespaceObject.metadata.?annotations[?'${annotations.defaults}'].orValue('').split('\\n').filter(l, l.contains('=')).map(l, l.split('=', 2))` },
  { name: 'given', expression: `request.operation == 'CREATE' ? [] : oldObject.metadata.?annotations[?'${annotations.defaulted}'].orValue('').split(',')` },
  { name: 'before', expression: "request.operation == 'CREATE' ? [] : oldObject.spec.?topology.?variables.orValue([])" },
  { name: 'named', expression: 'object.spec.topology.?variables.orValue([])' },
  { name: 'classRef', expression: ofTopology('classRef', "{'namespace': l[1].split('/')[0], 'name': l[1].split('/')[1]}") },
  { name: 'version', expression: ofTopology('version', 'l[1]') },
  { name: 'wantedVersion', expression: "object.spec.topology.?version.orValue(variables.version.size() > 0 ? string(variables.version[0]) : '')" },
  { name: 'isOtherVersion', expression: "request.operation != 'CREATE' && variables.wantedVersion != oldObject.spec.?topology.?version.orValue('')" },
  { name: 'missing', expression: `[${defaultedVariables.map(ofVariable).join(', ')}].filter(d, d.values.size() > 0 && !variables.named.exists(v, v.name == d.variable && (type(v.value) != map || d.field in v.value)))` },
  { name: 'added', expression: `[${[...new Set(defaultedVariables.map(({ variable }) => `'${variable}'`))].join(', ')}].filter(n, variables.missing.exists(d, d.variable == n) && !variables.named.exists(v, v.name == n))` },
  { name: 'names', expression: 'variables.named.map(v, string(v.name)) + variables.added' },
  { name: 'defaulted', expression: "variables.isNew ? (variables.classRef.map(c, 'classRef') + variables.version.map(v, 'version') + variables.missing.map(d, string(d.variable) + '/' + string(d.field))) : variables.given" },
  { name: 'annotated', expression: `variables.defaulted.size() == 0 || object.metadata.?annotations[?'${annotations.defaulted}'].orValue('') == variables.defaulted.join(',')` },
] as const;

const add = (path: string, value: string): string => `JSONPatch{op: 'add', path: ${path}, value: ${value}}`;
const patch = [
  `variables.classRef.map(c, ${add(`'${topology}/classRef'`, 'c')})`,
  `variables.version.map(v, ${add(`'${topology}/version'`, 'v')})`,
  `(variables.added.size() > 0 && !has(object.spec.topology.variables) ? [${add(`'${topology}/variables'`, '[]')}] : [])`,
  `variables.added.map(n, ${add(`'${topology}/variables/-'`, "{'name': dyn(n), 'value': dyn({})}")})`,
  `variables.missing.map(d, ${add(`'${topology}/variables/' + string(variables.names.indexOf(d.variable)) + '/value/' + string(d.field)`, 'd.values[0]')})`,
  `(variables.annotated || has(object.metadata.annotations) ? [] : [${add("'/metadata/annotations'", '{}')}])`,
  `(variables.annotated ? [] : [${add(`'/metadata/annotations/${annotations.defaulted.replace('/', '~1')}'`, "variables.defaulted.join(',')")}])`,
].join(' + ');
