/** The Kubernetes side of the class: kubeadm settings of control plane and workers. CIS numbers are those of benchmark 1.12. */
import type { KubeObject } from '../../kube/types.ts';
import { apiVersions, template, templateNames } from './template.ts';

interface Argument {
  readonly name: string;
  readonly value: string;
}

/** CoreDNS 1.15.0; KCP keeps it when it upgrades a cluster. */
const coreDnsTag = 'v1.15.0';

/** CIS 1.2.15, 1.3.2, 1.4.1 */
const noProfiling: Argument = { name: 'profiling', value: 'false' };

/**
 * Since Kubernetes 1.33 only kubelet and controller manager know --cloud-provider; the API server exits when it is set.
 * cloud-init replaces the templates: the name must be the host name (CIS 4.2.7), and provider-id what CAPO writes
 * into the OpenStackMachine, so that the Node is found before any cloud controller runs.
 */
const nodeRegistration = {
  name: '{{ local_hostname }}',
  kubeletExtraArgs: [
    { name: 'cloud-provider', value: 'external' },
    { name: 'provider-id', value: 'openstack:///{{ instance_id }}' },
  ],
} as const;

export function controlPlaneTemplate(): KubeObject {
  return template({
    apiVersion: apiVersions.controlPlane,
    kind: 'KubeadmControlPlaneTemplate',
    name: templateNames.controlPlane,
    spec: {
      kubeadmConfigSpec: {
        clusterConfiguration: {
          // Loopback names, so that the API server can be reached through a tunnel on one's own machine.
          apiServer: { certSANs: ['localhost', '127.0.0.1'], extraArgs: [noProfiling] },
          controllerManager: { extraArgs: [{ name: 'cloud-provider', value: 'external' }, noProfiling] },
          scheduler: { extraArgs: [noProfiling] },
          dns: { imageTag: coreDnsTag },
        },
        initConfiguration: { nodeRegistration },
        joinConfiguration: { nodeRegistration },
      },
    },
  });
}

export function workerConfigTemplate(): KubeObject {
  return template({
    apiVersion: apiVersions.bootstrap,
    kind: 'KubeadmConfigTemplate',
    name: templateNames.workerConfig,
    spec: { joinConfiguration: { nodeRegistration } },
  });
}
