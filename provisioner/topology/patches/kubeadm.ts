/** Variables → KubeadmControlPlaneTemplate and KubeadmConfigTemplate (controlplane and bootstrap.cluster.x-k8s.io/v1beta2). */
import { controlPlaneConfig } from '../kubeadm/control-plane.ts';
import { workerConfig } from '../kubeadm/worker.ts';
import type { Inputs } from './inputs.ts';
import { set, type Operation } from './operation.ts';

export const kubeadmControlPlane = (inputs: Inputs): Operation[] => [
  set('kubeadmConfigSpec', controlPlaneConfig(inputs)),
  set('rollout', { before: { certificatesExpiryDays: inputs.variables.controlPlane.rollBeforeExpiryDays } }),
];

/** The template's spec is the KubeadmConfigSpec itself: one operation for each field. */
export const kubeadmConfig = (inputs: Inputs): Operation[] => Object.entries(workerConfig(inputs)).map(([field, value]) => set(field, value));
