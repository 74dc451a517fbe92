/** The Kubernetes templates of the class. Everything in them is set by `patches/kubeadm.ts`: it depends on version, size and variables. */
import type { KubeObject } from '../../kube/types.ts';
import { apiVersions, template, templateNames } from './template.ts';

/** Only what the schemas want. */
export const controlPlaneTemplate = (className: string): KubeObject =>
  template({ apiVersion: apiVersions.controlPlane, kind: 'KubeadmControlPlaneTemplate', name: templateNames(className).controlPlane, spec: { kubeadmConfigSpec: { format: 'cloud-config' } } });

export const workerConfigTemplate = (className: string): KubeObject =>
  template({ apiVersion: apiVersions.bootstrap, kind: 'KubeadmConfigTemplate', name: templateNames(className).workerConfig, spec: { format: 'cloud-config' } });
