/** Everything the operator applies to publish the class: templates first, the class that refers to them last. */
import type { KubeObject } from '../../kube/types.ts';
import { clusterClass } from './cluster-class.ts';
import { clusterTemplate, controlPlaneMachineTemplate, workerMachineTemplate } from './infrastructure.ts';
import { controlPlaneTemplate, workerConfigTemplate } from './kubeadm.ts';

/** In the order to apply them. The specs are immutable: another content needs another class name. */
export function classObjects(): KubeObject[] {
  return [clusterTemplate(), controlPlaneMachineTemplate(), workerMachineTemplate(), controlPlaneTemplate(), workerConfigTemplate(), clusterClass()];
}
