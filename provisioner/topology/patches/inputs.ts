/** What a patch may depend on: the variables of one item, and what Cluster API says of the cluster. Nothing else, or the corpus would lie. */
import { cloudIdentity } from '../../api/names.ts';
import { variableReader } from '../../api/variable-definitions.ts';
import type { Variables, VariableSchemas } from '../../api/variables/index.ts';
import type { TopologyItem, TopologyRequest, Variable } from '../extension/hooks.ts';

/** The builtin variables we read. https://cluster-api.sigs.k8s.io/tasks/experimental-features/cluster-class/write-clusterclass#builtin-variables */
export interface Builtin {
  readonly cluster: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    /** Absent where the Cluster has neither labels nor annotations. */
    readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
    readonly topology: { readonly version: string };
    readonly network?: { readonly pods?: readonly string[]; readonly services?: readonly string[]; readonly serviceDomain?: string };
  };
  readonly controlPlane?: { readonly replicas?: number; readonly version?: string };
  readonly machineDeployment?: { readonly topologyName: string; readonly class: string; readonly version?: string };
}

export interface Inputs {
  readonly variables: Variables;
  readonly builtin: Builtin;
  /** CIDRs from which the management cluster reaches API servers: the setting of the ExtensionConfig. */
  readonly managementEgress: readonly string[];
}

/** Who the cluster is in its cloud; see `cloudIdentity`. */
export const identityOf = ({ cluster: { uid, metadata } }: Builtin): string => cloudIdentity({ uid, annotations: metadata?.annotations });

/** Key of the ExtensionConfig's settings: CIDRs, separated by commas. */
export const managementEgressSetting = 'managementEgress';

/** The inputs of the cluster as a whole, or of one item of the request. @throws ApiError VARIABLE_INVALID */
export type ReadInputs = (item?: TopologyItem) => Inputs;

/**
 * An item's variables over the global ones. `builtin` comes in both and belongs together; an override of `worker`
 * changes single fields of the cluster-wide value. What an item does not override is read once for all of them.
 */
export function inputsOf(request: TopologyRequest, schemas: VariableSchemas): ReadInputs {
  const global = byName(request.variables);
  const shared = variableReader(schemas);
  const managementEgress = (request.settings?.[managementEgressSetting] ?? '').split(',').filter((cidr) => cidr !== '');
  return (item) => {
    const own = byName(item?.variables);
    const values: Record<string, unknown> = { ...global, ...own };
    if (own['worker'] !== undefined) values['worker'] = { ...asObject(global['worker']), ...asObject(own['worker']) };
    const { builtin, ...variables } = { ...values, builtin: { ...asObject(global['builtin']), ...asObject(own['builtin']) } };
    return { variables: shared(variables), builtin: builtin as Builtin, managementEgress };
  };
}

const byName = (variables: readonly Variable[] | undefined): Record<string, unknown> => Object.fromEntries((variables ?? []).map(({ name, value }) => [name, value]));
const asObject = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});
