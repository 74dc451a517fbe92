/** GeneratePatches requests as Cluster API sends them, and what their answers make of the templates. */
import type { VariablesInput } from '../../../provisioner/api/variables/index.ts';
import type { TopologyItem, TopologyRequest, Variable } from '../../../provisioner/topology/extension/hooks.ts';
import { openstackV1 } from '../../../provisioner/topology/class/versions.ts';
import { generatePatches } from '../../../provisioner/topology/patches/generate.ts';

export { everything } from '../../../provisioner/topology/published/samples.ts';

export interface RequestOptions {
  readonly version?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly replicas?: number;
  readonly pods?: readonly string[];
  readonly services?: readonly string[];
  /** Worker groups by name, with the override of each. */
  readonly groups?: Readonly<Record<string, VariablesInput['worker']>>;
  readonly settings?: Readonly<Record<string, string>>;
}

export const names: VariablesInput = { controlPlane: { flavor: 'k.medium', image: 'node' } };

export function request(variables: VariablesInput = names, o: RequestOptions = {}): TopologyRequest {
  const { version = 'v1.36.3', name = 'demo', uid = 'u-1', replicas = 3, pods = ['10.120.0.0/16'], services = ['10.121.0.0/16'], groups = { az1: undefined } } = o;
  const builtin: Variable = { name: 'builtin', value: { cluster: { name, namespace: 'org-demo', uid, topology: { version }, network: { pods, services, serviceDomain: 'cluster.local' } } } };
  const controlPlane: Variable[] = [{ name: 'builtin', value: { controlPlane: { replicas, version } } }];
  const group = (topologyName: string, worker: VariablesInput['worker']): Variable[] => [
    { name: 'builtin', value: { machineDeployment: { topologyName, class: 'worker', version } } },
    ...(worker ? [{ name: 'worker', value: worker }] : []),
  ];
  return {
    settings: o.settings ?? {},
    variables: [builtin, ...Object.entries(variables).map(([variable, value]) => ({ name: variable, value }))],
    items: [
      item('OpenStackClusterTemplate', 'Cluster', 'cluster'),
      item('KubeadmControlPlaneTemplate', 'Cluster', 'control-plane', controlPlane),
      item('OpenStackMachineTemplate', 'KubeadmControlPlane', 'control-plane-machine', controlPlane),
      ...Object.entries(groups).flatMap(([topologyName, worker]) => [
        item('KubeadmConfigTemplate', 'MachineDeployment', `${topologyName}-config`, group(topologyName, worker)),
        item('OpenStackMachineTemplate', 'MachineDeployment', `${topologyName}-machine`, group(topologyName, worker)),
      ]),
    ],
  };
}

export const item = (kind: string, holder: string, uid: string, variables: readonly Variable[] = []): TopologyItem => ({
  uid, holderReference: { apiVersion: 'v1', kind: holder, namespace: 'org-demo', name: 'x', fieldPath: 'spec' }, object: { kind }, variables,
});

/** Uid of an item → field of the template's spec → value. */
export function patched(from: TopologyRequest): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    (generatePatches(from, openstackV1).items ?? []).map(({ uid, patch }) => {
      const operations = JSON.parse(Buffer.from(patch, 'base64').toString()) as { path: string; value: unknown }[];
      return [uid, Object.fromEntries(operations.map(({ path, value }) => [path.replace('/spec/template/spec/', ''), value]))];
    }),
  );
}

export interface NodeConfig {
  readonly clusterConfiguration: { readonly apiServer: { readonly extraArgs: readonly Argument[]; readonly certSANs: readonly string[] }; readonly etcd: { readonly local: { readonly extraArgs: readonly Argument[] } }; readonly [component: string]: unknown };
  readonly initConfiguration: Record<string, unknown>;
  readonly joinConfiguration: Record<string, unknown> & { readonly nodeRegistration: { readonly kubeletExtraArgs: readonly Argument[]; readonly taints?: readonly object[] } };
  readonly files: readonly { readonly path: string; readonly content?: string; readonly contentFrom?: object; readonly permissions: string }[];
  readonly preKubeadmCommands: readonly string[];
  readonly postKubeadmCommands: readonly string[];
  readonly [field: string]: unknown;
}
export interface Argument {
  readonly name: string;
  readonly value: string;
}

export const controlPlaneOf = (from: TopologyRequest): NodeConfig => patched(from)['control-plane']?.['kubeadmConfigSpec'] as NodeConfig;
export const workerOf = (from: TopologyRequest, group = 'az1'): NodeConfig => patched(from)[`${group}-config`] as unknown as NodeConfig;
/** Content of a file of a node, read as JSON. */
export const jsonOf = (config: NodeConfig, path: string): Record<string, unknown> => JSON.parse(config.files.find((file) => file.path === path)?.content ?? '{}') as Record<string, unknown>;
