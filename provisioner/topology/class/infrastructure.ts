/** The OpenStack side of the class. Fields that variables decide are set by `patches/`; their values here only satisfy the schema. */
import type { KubeObject } from '../../kube/types.ts';
import { apiVersions, template, templateNames } from './template.ts';

/** Shown where a patch did not arrive: no cloud has a flavor or image of this name. */
const unset = 'set-by-the-topology-extension';

export function clusterTemplate(className: string): KubeObject {
  return template({
    apiVersion: apiVersions.infrastructure,
    kind: 'OpenStackClusterTemplate',
    name: templateNames(className).cluster,
    spec: {
      identityRef: { type: 'Secret', name: unset, cloudName: unset },
    },
  });
}

export const controlPlaneMachineTemplate = (className: string): KubeObject => machineTemplate(templateNames(className).controlPlaneMachine);
export const workerMachineTemplate = (className: string): KubeObject => machineTemplate(templateNames(className).workerMachine);

/**
 * No identityRef: servers take the cluster's, and their providerID stays `openstack:///<uuid>` whatever the region,
 * as the kubelet says it (CAPO puts the region in only when the machine itself has an identityRef).
 */
function machineTemplate(name: string): KubeObject {
  return template({
    apiVersion: apiVersions.infrastructure,
    kind: 'OpenStackMachineTemplate',
    name,
    spec: { flavor: unset, image: { filter: { name: unset } }, configDrive: true },
  });
}
