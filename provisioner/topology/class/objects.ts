/** Everything the operator applies to publish the class: of each version the templates first, the class that refers to them last. */
import type { KubeObject } from '../../kube/types.ts';
import { outputDigest } from '../published/output.ts';
import { clusterClass } from './cluster-class.ts';
import { clusterTemplate, controlPlaneMachineTemplate, workerMachineTemplate } from './infrastructure.ts';
import { controlPlaneTemplate, workerConfigTemplate } from './kubeadm.ts';
import { type ClassVersion, classVersions } from './versions.ts';

/** In the order to apply them. The specs are immutable: another content needs another class name. */
export const classObjects = (versions: readonly ClassVersion[] = classVersions): KubeObject[] => versions.flatMap((version) => [...templatesOf(version), clusterClass(version.name, classOutput(version))]);

/** The digest that this Keelson's class has. */
export const classOutput = (version: ClassVersion): string => outputDigest(version, [...templatesOf(version), clusterClass(version.name)]);

export const templatesOf = ({ name }: ClassVersion): KubeObject[] => [clusterTemplate, controlPlaneMachineTemplate, workerMachineTemplate, controlPlaneTemplate, workerConfigTemplate].map((template) => template(name));
