/**
 * The user data of the management cluster's only server: cloud-init runs one kubeadm init. A control plane that also
 * carries pods, small, with etcd that does not sync to disk: it is thrown away with the sandbox.
 */
import { dirname } from 'node:path';
import { stringify } from 'yaml';

export interface ManagementServer {
  readonly name: string;
  readonly address: string;
  readonly kubernetesVersion: string;
  readonly corednsTag: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Further names and addresses under which the API server is reached: the floating IP, 127.0.0.1. */
  readonly certificateSans: readonly string[];
}

/** Left on the server's disk when kubeadm is done: a server that boots again has it still. */
export const bootstrapMark = '/var/lib/keelson/bootstrap-success.complete';

export function managementUserData(server: ManagementServer): string {
  const cloudConfig = {
    hostname: server.name,
    write_files: [{ path: '/run/kubeadm/kubeadm.yaml', owner: 'root:root', permissions: '0640', content: kubeadmConfig(server) }],
    runcmd: ['kubeadm init --config /run/kubeadm/kubeadm.yaml', `mkdir -p ${dirname(bootstrapMark)} && echo success > ${bootstrapMark}`],
  };
  return `#cloud-config\n${stringify(cloudConfig, { version: '1.1', lineWidth: 0 })}`;
}

function kubeadmConfig(server: ManagementServer): string {
  const argument = (name: string, value: string) => ({ name, value });
  /** Measured: the API server falls from 303 to 231 MB, the controller manager from 124 to 113 MB. */
  const smallHeap = [argument('GOGC', '40')];
  const init = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'InitConfiguration',
    nodeRegistration: {
      name: server.name,
      criSocket: 'unix:///var/run/containerd/containerd.sock',
      kubeletExtraArgs: [argument('node-ip', server.address)],
      taints: [],
    },
    localAPIEndpoint: { advertiseAddress: server.address, bindPort: 6443 },
  };
  const cluster = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    clusterName: 'management',
    kubernetesVersion: server.kubernetesVersion,
    controlPlaneEndpoint: `${server.address}:6443`,
    networking: { podSubnet: server.podCidr, serviceSubnet: server.serviceCidr, dnsDomain: 'cluster.local' },
    dns: { imageTag: server.corednsTag },
    apiServer: { certSANs: [...server.certificateSans], extraEnvs: smallHeap, extraArgs: [argument('profiling', 'false')] },
    controllerManager: { extraEnvs: smallHeap, extraArgs: [argument('profiling', 'false')] },
    scheduler: { extraEnvs: smallHeap, extraArgs: [argument('profiling', 'false')] },
    etcd: { local: { extraEnvs: smallHeap, extraArgs: [argument('unsafe-no-fsync', 'true')] } },
  };
  return [init, cluster].map((document) => stringify(document, { version: '1.1', lineWidth: 0 })).join('---\n');
}
