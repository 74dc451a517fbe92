/** The KubeadmConfigSpec of the control plane: components, arguments, first server and those that join. CIS 1 and 2. */
import type { Inputs } from '../patches/inputs.ts';
import { apiServer, apiServerFiles, noProfiling } from './api-server.ts';
import { etcdDataDir } from './disks.ts';
import { featureGateArgument } from './feature-gates.ts';
import { controlPlaneFileModes } from './file-modes.ts';
import { nodeRegistration, nodeSetup, patches, type NodeWishes } from './node.ts';
import { componentTls, etcdTls } from './tls.ts';
import { versionOf } from './version.ts';

/** CoreDNS 1.15.0; KCP keeps it when it upgrades a cluster. */
const coreDnsTag = 'v1.15.0';

/** The default of 2 GiB ends with a read-only etcd in large clusters; 8 GiB is the most that etcd advises. */
const etcdQuotaBytes = 8 * 1024 ** 3;

/** kubeadm's own port. */
const defaultPort = 6443;

export function controlPlaneConfig(inputs: Inputs): Readonly<Record<string, unknown>> {
  const { api, cilium, controlPlane } = inputs.variables;
  const wishes: NodeWishes = {
    disks: controlPlane,
    labels: controlPlane.labels,
    ...taints(controlPlane),
    requestsPerCore: api.requestsPerCore,
    parts: [apiServerFiles(inputs), controlPlaneFileModes],
  };
  const localAPIEndpoint = api.port === defaultPort ? {} : { localAPIEndpoint: { bindPort: api.port } };
  const joining = api.port === defaultPort ? {} : { controlPlane: localAPIEndpoint };
  return {
    clusterConfiguration: clusterConfiguration(inputs),
    initConfiguration: { nodeRegistration: nodeRegistration(wishes), patches, ...localAPIEndpoint, ...(cilium.kubeProxy === 'replace' ? { skipPhases: ['addon/kube-proxy'] } : {}) },
    joinConfiguration: { nodeRegistration: nodeRegistration(wishes), patches, ...joining },
    ...nodeSetup(inputs, wishes),
  };
}

/** kubeadm's own, which it gives only where it is told none. https://kubernetes.io/docs/reference/labels-annotations-taints/#node-role-kubernetes-io-control-plane-taint */
const ownTaint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' } as const;

function taints({ schedulable, taints: further }: Inputs['variables']['controlPlane']): Pick<NodeWishes, 'taints'> {
  if (!further?.length) return schedulable ? { taints: [] } : {};
  return { taints: [...(schedulable ? [] : [ownTaint]), ...further] };
}

/**
 * Addresses of controller manager, scheduler and etcd's metrics stay kubeadm's own, 127.0.0.1 (CIS 1.3.7, 1.4.2).
 * etcd has certificates, client and peer authentication and a CA of its own from kubeadm (CIS 2.1-2.7).
 */
function clusterConfiguration(inputs: Inputs): object {
  const { api, controlPlane } = inputs.variables;
  const version = versionOf(inputs);
  return {
    apiServer: apiServer(inputs),
    controllerManager: {
      extraArgs: [
        { name: 'cloud-provider', value: 'external' },
        noProfiling,
        // CIS 1.3.1
        { name: 'terminated-pod-gc-threshold', value: '1000' },
        ...componentTls(api.tls),
        ...featureGateArgument(api.featureGates, 'controllerManager', version),
      ],
    },
    scheduler: { extraArgs: [noProfiling, ...componentTls(api.tls), ...featureGateArgument(api.featureGates, 'scheduler', version)] },
    etcd: {
      local: {
        ...(controlPlane.etcdVolume ? { dataDir: etcdDataDir } : {}),
        extraArgs: [{ name: 'quota-backend-bytes', value: String(etcdQuotaBytes) }, ...etcdTls(api.tls)],
      },
    },
    dns: { imageTag: coreDnsTag },
  };
}
