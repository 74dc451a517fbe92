/** The ClusterClass of a version: which templates make a cluster, and which handlers patch and judge them. */
import { labels } from '../../api/labels.ts';
import { classOutputSetting, extensionConfigName, systemNamespace, workerClassName } from '../../api/names.ts';
import type { KubeObject } from '../../kube/types.ts';
import { clusterTemplate, controlPlaneMachineTemplate, workerMachineTemplate } from './infrastructure.ts';
import { controlPlaneTemplate, workerConfigTemplate } from './kubeadm.ts';
import { apiVersions, templateRef } from './template.ts';

/**
 * Handler names as the extension reports them. They carry the class: a published class keeps its handlers for ever.
 * In a ClusterClass they are written `<handler>.<extensionconfig>`.
 */
export const handlerNames = (className: string) => ({ variables: `${className}-variables`, patches: `${className}-patches`, validate: `${className}-validate` });

/**
 * Cluster API's default of 10 seconds for nodeDeletionTimeout leaves Node objects behind when the API server is slow
 * at that moment; a drain without a limit waits for ever on a PodDisruptionBudget that cannot be met.
 */
const deletion = { nodeDeletionTimeoutSeconds: 300, nodeDrainTimeoutSeconds: 600, nodeVolumeDetachTimeoutSeconds: 300 } as const;

/**
 * When a machine is given up and replaced: its Node silent or not Ready for five minutes, or no Node within twenty (a
 * cloud may be slow). A Cluster may say other times (spec.topology.controlPlane.healthCheck, …machineDeployments[].healthCheck).
 */
const checks = {
  nodeStartupTimeoutSeconds: 1200,
  unhealthyNodeConditions: [
    { type: 'Ready', status: 'Unknown', timeoutSeconds: 300 },
    { type: 'Ready', status: 'False', timeoutSeconds: 300 },
  ],
} as const;

/** Worker groups are replaced one machine at a time, whatever goes wrong; KubeadmControlPlane guards etcd's majority itself. */
const workerHealthCheck = { checks, remediation: { maxInFlight: 1 } } as const;

/** @param output digest of everything the class makes, see `published/output.ts` */
export function clusterClass(className: string, output?: string): KubeObject {
  const reference = (handler: string): string => `${handler}.${extensionConfigName}`;
  const handlers = handlerNames(className);
  return {
    apiVersion: apiVersions.cluster,
    kind: 'ClusterClass',
    metadata: { name: className, namespace: systemNamespace, labels: { [labels.managedBy]: 'keelson' } },
    spec: {
      infrastructure: { templateRef: templateRef(clusterTemplate(className)) },
      controlPlane: {
        templateRef: templateRef(controlPlaneTemplate(className)),
        machineInfrastructure: { templateRef: templateRef(controlPlaneMachineTemplate(className)) },
        deletion,
        healthCheck: { checks },
      },
      workers: {
        machineDeployments: [
          {
            class: workerClassName,
            bootstrap: { templateRef: templateRef(workerConfigTemplate(className)) },
            infrastructure: { templateRef: templateRef(workerMachineTemplate(className)) },
            deletion,
            healthCheck: workerHealthCheck,
          },
        ],
      },
      patches: [
        {
          name: 'keelson',
          external: {
            discoverVariablesExtension: reference(handlers.variables),
            generatePatchesExtension: reference(handlers.patches),
            validateTopologyExtension: reference(handlers.validate),
            ...(output === undefined ? {} : { settings: { [classOutputSetting]: output } }),
          },
        },
      ],
    },
  };
}
