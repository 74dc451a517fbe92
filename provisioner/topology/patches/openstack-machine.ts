/** Variables → OpenStackMachineTemplate of the control plane and of each worker group. */
import type { Variables } from '../../api/variables.ts';
import type { Inputs } from './inputs.ts';
import { set, type Operation } from './operation.ts';

export const controlPlaneMachine = ({ variables }: Inputs): Operation[] => machine(variables.controlPlane);

/** What the group does not say is as cluster-wide (`inputsOf` merged it), what nobody says is as in the control plane. */
export const workerMachine = ({ variables }: Inputs): Operation[] =>
  machine({ flavor: variables.worker.flavor ?? variables.controlPlane.flavor, image: variables.worker.image ?? variables.controlPlane.image });

const machine = ({ flavor, image }: Pick<Variables['controlPlane'], 'flavor' | 'image'>): Operation[] => [set('flavor', flavor), set('image', { filter: { name: image } })];
