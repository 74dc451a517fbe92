/** The server groups a Cluster wants, as a pure function: CAPO names one and makes none. */
import { serverGroupName } from '../../api/names.ts';
import { parseVariables } from '../../api/variable-definitions.ts';
import { asObject, type PreflightCluster, valuesOf } from '../../preflight/cluster.ts';

export interface WantedGroup {
  readonly name: string;
  readonly policy: 'soft-anti-affinity' | 'anti-affinity';
}

/** One for the control plane and one for each worker group that asks for it. @throws ApiError VARIABLE_INVALID for values that admission would refuse */
export function wantedGroups(cluster: PreflightCluster): WantedGroup[] {
  const { uid = '' } = cluster.metadata;
  const { topology } = cluster.spec ?? {};
  const values = valuesOf(topology?.variables);
  const group = (name: string, policy: WantedGroup['policy'] | 'none' | undefined): WantedGroup[] => (policy === undefined || policy === 'none' ? [] : [{ name: serverGroupName(uid, name, policy), policy }]);
  const workers = (topology?.workers?.machineDeployments ?? []).flatMap(({ name, variables }) => {
    const own = valuesOf(variables?.overrides);
    const { worker } = parseVariables({ ...values, ...own, worker: { ...asObject(values['worker']), ...asObject(own['worker']) } });
    return group(name, worker.serverGroup);
  });
  return [...group('control-plane', parseVariables(values).controlPlane.serverGroup), ...workers];
}
