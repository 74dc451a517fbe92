/** GeneratePatches: every template of a cluster to be → its patch. Pure: the same request gives the same bytes. */
import type { VariableSchemas } from '../../api/variables/index.ts';
import type { GeneratePatchesOutcome, TopologyItem, TopologyRequest } from '../extension/hooks.ts';
import { success } from '../extension/hooks.ts';
import { inputsOf, type Inputs } from './inputs.ts';
import type { Operation } from './operation.ts';

/** What a version of the class makes of each of its templates. */
export interface Patches {
  readonly cluster: Patch;
  readonly controlPlane: Patch;
  readonly controlPlaneMachine: Patch;
  readonly worker: Patch;
  readonly workerMachine: Patch;
}
export type Patch = (inputs: Inputs) => Operation[];

/** @throws ApiError VARIABLE_INVALID when a value does not fit the schema the class published */
export function generatePatches(request: TopologyRequest, { variables, patches }: { readonly variables: VariableSchemas; readonly patches: Patches }): GeneratePatchesOutcome {
  const items: { uid: string; patchType: 'JSONPatch'; patch: string }[] = [];
  const inputs = inputsOf(request, variables);
  for (const item of request.items) {
    const operations = patchOf(item, patches)?.(inputs(item)) ?? [];
    if (operations.length) items.push({ uid: item.uid ?? '', patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });
  }
  return { ...success, items };
}

/** The function for a template, by its kind and by who holds it. */
function patchOf(item: TopologyItem, patches: Patches): Patch | undefined {
  switch (item.object.kind) {
    case 'OpenStackClusterTemplate':
      return patches.cluster;
    case 'OpenStackMachineTemplate':
      return item.holderReference.kind === 'MachineDeployment' ? patches.workerMachine : patches.controlPlaneMachine;
    case 'KubeadmControlPlaneTemplate':
      return patches.controlPlane;
    case 'KubeadmConfigTemplate':
      return patches.worker;
    default:
      return undefined;
  }
}
