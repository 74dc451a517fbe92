/**
 * Inputs that together use every branch of the patches. What they answer is the class: its digest is published with the
 * ClusterClass, and a release that answers otherwise is not let near the clusters of that class.
 */
import { annotations } from '../../api/labels.ts';
import type { VariablesInput } from '../../api/variables/index.ts';
import type { TopologyItem, TopologyRequest, Variable } from '../extension/hooks.ts';

export interface Sample {
  readonly version: string;
  readonly variables: VariablesInput;
  readonly pods?: readonly string[];
  readonly services?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const certificate = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUTestTestTestTestTestTestTestTestTest\n-----END CERTIFICATE-----';
const sshKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK';

/** The shortest cluster there is. */
const names = { controlPlane: { flavor: 'k.medium', image: 'node' } } as const satisfies VariablesInput;

/** As much as one cluster can have at the same time. */
export const everything: VariablesInput = {
  cloud: { identity: { type: 'ClusterIdentity', name: 'rz1', cloudName: 'prod' }, region: 'RegionTwo' },
  network: { externalNetwork: { id: '8d9d8a1e-2b4c-4c9f-8c58-2f2b0a0e1b11' }, nodeCidr: '10.20.0.0/24', dnsServers: ['192.0.2.53', '192.0.2.54'], mtu: 1450 },
  api: {
    loadBalancer: { provider: 'amphora', flavor: 'ha', zone: 'lb-az1', allowedCidrs: ['203.0.113.0/24'] },
    floatingIp: { mode: 'existing', address: '198.51.100.99' },
    port: 8443,
    certificateNames: ['api.demo.example', '192.0.2.9'],
    authentication: {
      issuers: [
        { url: 'https://id.example/realm', audiences: ['keelson', 'kubectl'], certificateAuthority: certificate, usernameClaim: 'email', requiredClaims: [{ claim: 'hd', value: 'example' }] },
        { url: 'https://ci.example', audiences: ['ci'], usernamePrefix: 'ci:', groupsPrefix: 'ci:' },
      ],
    },
    audit: { rules: [{ level: 'None', users: ['system:serviceaccount:ci:runner'] }], maxAgeDays: 90, maxFiles: 20, maxSizeMiB: 200 },
    admission: { podSecurity: { enforce: 'restricted', exemptNamespaces: ['kube-system', 'keelson-system', 'legacy'] }, eventRateLimit: { serverPerSecond: 1000, namespacePerSecond: 20 }, alwaysPullImages: true },
    featureGates: [
      { name: 'MutatingAdmissionPolicy', enabled: true, components: ['apiServer'] },
      { name: 'NeverTold', enabled: true, until: 'v1.33' },
      { name: 'KubeletSeparateDiskGC', enabled: false, components: ['kubelet'], from: 'v1.35' },
    ],
    requestsPerCore: 300,
  },
  controlPlane: {
    flavor: 'k.medium', image: 'node', zones: ['az1', 'az2', 'az3'],
    rootVolume: { sizeGiB: 50, type: 'ssd', zone: 'server' }, etcdVolume: { sizeGiB: 20, type: 'nvme' }, volumes: [{ name: 'audit', sizeGiB: 30, mountPath: '/var/log/kubernetes' }],
    serverGroup: 'anti-affinity', labels: [{ key: 'example.com/rack', value: 'r1' }], rollBeforeExpiryDays: 90,
  },
  worker: {
    flavor: 'k.large', image: 'node-worker', allowSmall: true,
    rootVolume: { sizeGiB: 100 }, volumes: [{ name: 'raw', sizeGiB: 200 }, { name: 'images', sizeGiB: 100, mountPath: '/var/lib/containerd' }],
    serverGroup: 'soft-anti-affinity', labels: [{ key: 'node.kubernetes.io/pool', value: 'a' }], taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }],
  },
  bastion: { flavor: 'k.tiny', image: 'debian-12', sshKey: 'ops', zone: 'az1', floatingIp: '198.51.100.98' },
  os: {
    sshKey: 'ops',
    sshCertificateAuthorities: [`${sshKey}ca ops-ca`],
    users: [{ name: 'ops', sshKeys: [`${sshKey} ops`], sudo: true }, { name: 'audit' }],
    ntpServers: ['ntp1.example', '192.0.2.123'],
    registryMirrors: [{ registry: 'docker.io', endpoints: ['https://mirror.example', 'http://10.1.2.3:5000'] }, { registry: 'registry.example:5000', endpoints: ['https://mirror.example'], credentialsSecret: 'registry' }],
    proxy: { http: 'http://proxy.example:3128', https: 'http://proxy.example:3128', noProxy: ['.example'] },
    certificateAuthorities: [certificate],
    sysctls: [{ name: 'net.core.somaxconn', value: '4096' }, { name: 'kernel.sysrq', value: '176' }],
  },
  cilium: { tunnel: 'geneve', encryption: 'wireguard', hubble: false, kubeProxy: 'replace' },
};

/** By name: the files of the corpus are called like this. */
export const samples: Readonly<Record<string, Sample>> = {
  defaults: { version: 'v1.36.3', variables: names },
  'oldest-kubernetes': { version: 'v1.34.0', variables: everything },
  everything: { version: 'v1.36.3', variables: everything, settings: { managementEgress: '192.0.2.200/32' } },
  'existing-dual-stack': {
    version: 'v1.35.4',
    variables: {
      ...names,
      network: { existing: { network: { name: 'shared' }, subnets: [{ id: '2f2b0a0e-2b4c-4c9f-8c58-8d9d8a1e1b11' }, { name: 'v6' }], router: { name: 'edge' } } },
      api: { floatingIp: { mode: 'none', fixedIp: '10.6.0.9' }, tls: { minVersion: '1.3' }, encryption: 'none' },
      bastion: { enabled: false },
      cilium: { tunnel: 'none' },
    },
    pods: ['10.120.0.0/16', 'fd00:1::/56'],
    services: ['10.121.0.0/16', 'fd00:2::/112'],
  },
  'ovn-allowed': { version: 'v1.36.3', variables: { ...names, api: { loadBalancer: { allowedCidrs: ['203.0.113.0/24'] } } } },
  'bastion-allowed': { version: 'v1.36.3', variables: { ...names, bastion: { allowedCidrs: ['203.0.113.0/24'] } } },
  ignition: { version: 'v1.36.3', variables: { ...everything, os: { ...everything.os, format: 'ignition' } } },
  moved: { version: 'v1.36.3', variables: names, annotations: { [annotations.cloudIdentity]: '0f6f5a0c-7a37-4c1c-8a5c-0d9d5f2f3b11' } },
  'no-load-balancer': { version: 'v1.36.3', variables: { controlPlane: { ...names.controlPlane, schedulable: true, serverGroup: 'none' }, api: { loadBalancer: { provider: 'none' } }, network: { externalNetwork: { name: 'external' } }, worker: { flavor: 'k.small', serverGroup: 'none' } } },
};

/** A sample as Cluster API would send it: one control plane, a group without and one with an override. */
export function requestOf({ version, variables, pods = ['10.120.0.0/16'], services = ['10.121.0.0/16'], settings = {}, annotations: held }: Sample): TopologyRequest {
  const cluster = { name: 'demo', namespace: 'org-demo', uid: 'c1804a55-2549-448b-94c4-26c1a82d4128', ...(held ? { metadata: { annotations: held } } : {}), topology: { version }, network: { serviceDomain: 'cluster.local', pods, services } };
  const controlPlane: Variable[] = [{ name: 'builtin', value: { controlPlane: { replicas: 1, version } } }];
  const group = (topologyName: string): Variable => ({ name: 'builtin', value: { machineDeployment: { topologyName, class: 'worker', version } } });
  const own: Variable[] = [group('az2'), { name: 'worker', value: { flavor: 'k.huge', labels: [{ key: 'example.com/pool', value: 'own' }] } }];
  return {
    settings,
    variables: [...Object.entries(variables).map(([name, value]) => ({ name, value })), { name: 'builtin', value: { cluster } }],
    items: [
      item('OpenStackClusterTemplate', 'Cluster', 'cluster'),
      item('KubeadmControlPlaneTemplate', 'Cluster', 'control-plane', controlPlane),
      item('OpenStackMachineTemplate', 'KubeadmControlPlane', 'control-plane-machine', controlPlane),
      item('KubeadmConfigTemplate', 'MachineDeployment', 'az1-config', [group('az1')]),
      item('OpenStackMachineTemplate', 'MachineDeployment', 'az1-machine', [group('az1')]),
      item('KubeadmConfigTemplate', 'MachineDeployment', 'az2-config', own),
      item('OpenStackMachineTemplate', 'MachineDeployment', 'az2-machine', own),
    ],
  };
}

const item = (kind: string, holder: string, uid: string, variables: readonly Variable[] = []): TopologyItem => ({
  uid, holderReference: { apiVersion: 'v1', kind: holder, namespace: 'org-demo', name: 'demo', fieldPath: 'spec' }, object: { kind }, variables,
});
