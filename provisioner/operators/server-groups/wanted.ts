/** The server groups a Cluster wants, as a pure function: CAPO names one and makes none. */
import { cloudIdentity, serverGroupName } from '../../api/names.ts';
import { usualServerGroup } from '../../api/variables/fields.ts';
import { parseVariables } from '../../api/variable-definitions.ts';
import { asObject, type PreflightCluster, valuesOf } from '../../preflight/cluster.ts';

export interface WantedGroup {
  readonly name: string;
  readonly policy: 'soft-anti-affinity' | 'anti-affinity';
}

/** One for the control plane and one for each worker group, but for those that want none. @throws ApiError VARIABLE_INVALID for values that admission would refuse */
export function wantedGroups(cluster: PreflightCluster): WantedGroup[] {
  const identity = cloudIdentity(cluster.metadata);
  const { topology } = cluster.spec ?? {};
  const values = valuesOf(topology?.variables);
  const group = (name: string, policy: WantedGroup['policy'] | 'none'): WantedGroup[] => (policy === 'none' ? [] : [{ name: serverGroupName(identity, name, policy), policy }]);
  const workers = (topology?.workers?.machineDeployments ?? []).flatMap(({ name, variables }) => {
    const own = valuesOf(variables?.overrides);
    const { worker } = parseVariables({ ...values, ...own, worker: { ...asObject(values['worker']), ...asObject(own['worker']) } });
    return group(name, worker.serverGroup ?? usualServerGroup);
  });
  return [...group('control-plane', parseVariables(values).controlPlane.serverGroup), ...workers];
}
