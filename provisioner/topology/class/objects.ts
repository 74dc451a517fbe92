/** Everything the operator applies to publish the class: templates first, the class that refers to them last. */
import type { KubeObject } from '../../kube/types.ts';
import { outputDigest } from '../published/output.ts';
import { clusterClass } from './cluster-class.ts';
import { clusterTemplate, controlPlaneMachineTemplate, workerMachineTemplate } from './infrastructure.ts';
import { controlPlaneTemplate, workerConfigTemplate } from './kubeadm.ts';

/** In the order to apply them. The specs are immutable: another content needs another class name. */
export const classObjects = (): KubeObject[] => [...templates(), clusterClass(classOutput())];

/** The digest that this Keelson's class has. */
export const classOutput = (): string => outputDigest([...templates(), clusterClass()]);

const templates = (): KubeObject[] => [clusterTemplate(), controlPlaneMachineTemplate(), workerMachineTemplate(), controlPlaneTemplate(), workerConfigTemplate()];
