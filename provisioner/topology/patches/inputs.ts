/** What a patch may depend on: the variables of one item, and what Cluster API says of the cluster. Nothing else, or the corpus would lie. */
import { parseVariables } from '../../api/variable-definitions.ts';
import type { Variables } from '../../api/variables.ts';
import type { TopologyItem, TopologyRequest, Variable } from '../extension/hooks.ts';

/** The builtin variables we read. https://cluster-api.sigs.k8s.io/tasks/experimental-features/cluster-class/write-clusterclass#builtin-variables */
export interface Builtin {
  readonly cluster: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly topology: { readonly version: string };
    readonly network?: { readonly pods?: readonly string[]; readonly services?: readonly string[] };
  };
  readonly controlPlane?: { readonly replicas?: number; readonly version?: string };
  readonly machineDeployment?: { readonly topologyName: string; readonly class: string; readonly version?: string };
}

export interface Inputs {
  readonly variables: Variables;
  readonly builtin: Builtin;
}

/**
 * An item's variables over the global ones. `builtin` comes in both and belongs together; an override of `worker`
 * changes single fields of the cluster-wide value.
 * @throws ApiError VARIABLE_INVALID
 */
export function inputsOf(request: TopologyRequest, item?: TopologyItem): Inputs {
  const global = byName(request.variables);
  const own = byName(item?.variables);
  const values: Record<string, unknown> = { ...global, ...own };
  for (const merged of ['builtin', 'worker']) values[merged] = { ...asObject(global[merged]), ...asObject(own[merged]) };
  const { builtin, ...variables } = values;
  return { variables: parseVariables(variables), builtin: builtin as Builtin };
}

const byName = (variables: readonly Variable[] | undefined): Record<string, unknown> => Object.fromEntries((variables ?? []).map(({ name, value }) => [name, value]));
const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});
