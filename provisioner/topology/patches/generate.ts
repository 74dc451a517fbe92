/** GeneratePatches: every template of a cluster to be → its patch. Pure: the same request gives the same bytes. */
import type { GeneratePatchesOutcome, TopologyItem, TopologyRequest } from '../extension/hooks.ts';
import { success } from '../extension/hooks.ts';
import { inputsOf, type Inputs } from './inputs.ts';
import { kubeadmConfig, kubeadmControlPlane } from './kubeadm.ts';
import { openStackCluster } from './openstack-cluster.ts';
import { controlPlaneMachine, workerMachine } from './openstack-machine.ts';
import type { Operation } from './operation.ts';

/** @throws ApiError VARIABLE_INVALID when a value does not fit the schema the class published */
export function generatePatches(request: TopologyRequest): GeneratePatchesOutcome {
  const items: { uid: string; patchType: 'JSONPatch'; patch: string }[] = [];
  const inputs = inputsOf(request);
  for (const item of request.items) {
    const operations = patchOf(item)?.(inputs(item)) ?? [];
    if (operations.length) items.push({ uid: item.uid ?? '', patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });
  }
  return { ...success, items };
}

/** The function for a template, by its kind and by who holds it. */
function patchOf(item: TopologyItem): ((inputs: Inputs) => Operation[]) | undefined {
  switch (item.object.kind) {
    case 'OpenStackClusterTemplate':
      return openStackCluster;
    case 'OpenStackMachineTemplate':
      return item.holderReference.kind === 'MachineDeployment' ? workerMachine : controlPlaneMachine;
    case 'KubeadmControlPlaneTemplate':
      return kubeadmControlPlane;
    case 'KubeadmConfigTemplate':
      return kubeadmConfig;
    default:
      return undefined;
  }
}
