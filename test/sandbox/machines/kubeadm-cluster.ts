/** One control plane and two workers: their ids, addresses and user data. */

export const network = '0a0b0c0d-0000-4000-8000-000000000001';
export const ids = { cp: '11111111-0000-4000-8000-000000000001', w1: '22222222-0000-4000-8000-000000000002', w2: '33333333-0000-4000-8000-000000000003' };
export const addresses = { cp: '10.66.0.11', w1: '10.66.0.12', w2: '10.66.0.13' };
export const outside = '198.51.100.99';
const token = 'abcdef.0123456789abcdef';
export type Name = keyof typeof ids;

export const initUserData = `## template: jinja
#cloud-config
write_files:
- path: /run/kubeadm/kubeadm.yaml
  owner: root:root
  permissions: '0640'
  content: |
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: InitConfiguration
    bootstrapTokens: [{token: "${token}"}]
    nodeRegistration:
      name: '{{ local_hostname }}'
      criSocket: unix:///var/run/containerd/containerd.sock
      kubeletExtraArgs: [{name: provider-id, value: "openstack:///{{ ds.meta_data.instance_id }}"}]
    ---
    apiVersion: kubeadm.k8s.io/v1beta4
    kind: ClusterConfiguration
    kubernetesVersion: v1.36.3
    controlPlaneEndpoint: ${addresses.cp}:6443
    dns: {imageTag: v1.15.0}
    networking: {podSubnet: 10.160.0.0/16, serviceSubnet: 10.161.0.0/16}
- path: /run/cluster-api/placeholder
  content: "This placeholder file is used to create the /run/cluster-api sub directory"
runcmd:
- 'kubeadm init --config /run/kubeadm/kubeadm.yaml && echo success > /run/cluster-api/bootstrap-success.complete'
`;
export const joinUserData = `#cloud-config
runcmd:
- [kubeadm, join, "${addresses.cp}:6443", --token, ${token}, --discovery-token-unsafe-skip-ca-verification]
- echo once >> /root/boots
`;
