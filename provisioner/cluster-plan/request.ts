/** A GeneratePatches request for a Cluster, as Cluster API would send it: what our part of a topology depends on, and nothing else. */
import { type PreflightCluster, valuesOf } from '../preflight/cluster.ts';
import type { TopologyItem, TopologyRequest, Variable } from '../topology/extension/hooks.ts';
import { templatesOf } from '../topology/class/objects.ts';
import type { ClassVersion } from '../topology/class/versions.ts';
import { generatePatches } from '../topology/patches/generate.ts';

/** Field of a template's spec → value. */
export type Fields = Readonly<Record<string, unknown>>;

/** What the class makes of a Cluster. */
export interface Rendered {
  readonly cluster: Fields;
  readonly controlPlane: Fields;
  readonly controlPlaneMachine: Fields;
  readonly groups: Readonly<Record<string, { readonly config: Fields; readonly machine: Fields }>>;
}

/** Templates with their patches. @throws ApiError VARIABLE_INVALID */
export function render(cluster: PreflightCluster, version: ClassVersion, settings: Readonly<Record<string, string>>): Rendered {
  const fields = patched(requestOf(cluster, settings), version);
  const of = (uid: string): Fields => fields.get(uid) ?? {};
  const groups = (cluster.spec?.topology?.workers?.machineDeployments ?? []).map(({ name }) => [name, { config: of(`${name} config`), machine: of(`${name} machine`) }] as const);
  return { cluster: of('cluster'), controlPlane: of('control plane'), controlPlaneMachine: of('control plane machine'), groups: Object.fromEntries(groups) };
}

function requestOf(cluster: PreflightCluster, settings: Readonly<Record<string, string>>): TopologyRequest {
  const { metadata, spec } = cluster;
  const { namespace = 'default', name, uid = '' } = metadata;
  const version = spec?.topology?.version ?? '';
  const network = { pods: spec?.clusterNetwork?.pods?.cidrBlocks ?? [], services: spec?.clusterNetwork?.services?.cidrBlocks ?? [], ...(spec?.clusterNetwork?.serviceDomain === undefined ? {} : { serviceDomain: spec.clusterNetwork.serviceDomain }) };
  const builtin = (value: object): Variable => ({ name: 'builtin', value });
  const controlPlane = [builtin({ controlPlane: { replicas: spec?.topology?.controlPlane?.replicas ?? 1, version } })];
  const item = (kind: string, holder: string, uid_: string, variables: readonly Variable[] = []): TopologyItem => ({ uid: uid_, holderReference: { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: holder, namespace, name, fieldPath: 'spec' }, object: { kind }, variables });
  return {
    settings,
    variables: [builtin({ cluster: { name, namespace, uid, ...(metadata.annotations ? { metadata: { annotations: metadata.annotations } } : {}), topology: { version }, network } }), ...Object.entries(valuesOf(spec?.topology?.variables)).map(([variable, value]) => ({ name: variable, value }))],
    items: [
      item('OpenStackClusterTemplate', 'Cluster', 'cluster'),
      item('KubeadmControlPlaneTemplate', 'Cluster', 'control plane', controlPlane),
      item('OpenStackMachineTemplate', 'KubeadmControlPlane', 'control plane machine', controlPlane),
      ...(spec?.topology?.workers?.machineDeployments ?? []).flatMap((group) => {
        const variables = [builtin({ machineDeployment: { topologyName: group.name, class: 'worker', version } }), ...(group.variables?.overrides ?? [])];
        return [item('KubeadmConfigTemplate', 'MachineDeployment', `${group.name} config`, variables), item('OpenStackMachineTemplate', 'MachineDeployment', `${group.name} machine`, variables)];
      }),
    ],
  };
}

function patched(request: TopologyRequest, version: ClassVersion): Map<string, Fields> {
  return new Map((generatePatches(request, version).items ?? []).map(({ uid, patch }) => {
    const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as { path: string; value: unknown }[];
    return [uid, { ...templateOf(request.items.find((item) => item.uid === uid), version), ...Object.fromEntries(operations.map(({ path, value }) => [path.replace('/spec/template/spec/', ''), value])) }];
  }));
}

/** What stands in the class's own template, before it is patched. Two of a kind are the control plane's and the workers', in this order. */
function templateOf(item: TopologyItem | undefined, version: ClassVersion): Fields {
  const alike = templatesOf(version).filter(({ kind }) => kind === item?.object.kind);
  const chosen = item?.holderReference.kind === 'MachineDeployment' ? alike.at(-1) : alike[0];
  return (chosen?.['spec'] as { template: { spec: Fields } } | undefined)?.template.spec ?? {};
}
