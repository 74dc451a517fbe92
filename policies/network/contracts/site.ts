/** What differs from cloud to cloud and from cluster to cluster: inputs of the catalogue, with the values that hold where nobody says otherwise. */
import type { Port } from '../contract.ts';

/** Something outside the cluster that components call. */
export interface OutsideService {
  readonly ports: readonly Port[];
  /** Addresses; used where there are no names. */
  readonly cidrs: readonly string[];
  /** DNS names or patterns (`*.example.org`): Cilium then resolves through its proxy, NetworkPolicy falls back to `cidrs`. */
  readonly names?: readonly string[];
}

/** Ports of OpenStack differ by cloud: many publish every service behind 443. The defaults are those of a plain installation. */
export type OutsideName = 'keystone' | 'nova' | 'neutron' | 'glance' | 'octavia' | 'cinder' | 'resolvers' | 'time' | 'registries' | 'acme' | 'probeTargets' | 'clusterApis' | 'pagers';

export interface Site {
  /** Management clusters run Cluster API, the operator and the central monitoring; workload clusters are what they make. */
  readonly cluster: 'management' | 'workload';
  readonly apiServerPort: number;
  /** Where CoreDNS listens in its pods: 53 as kubeadm installs it; some distributions use 1053, so that it needs no capability. */
  readonly dnsPort: number;
  /** The encapsulation between nodes. `none`: routes of the cloud's router. */
  readonly tunnel: 'vxlan' | 'geneve' | 'wireguard' | 'none';
  /** Port of the relay that lets Prometheus read etcd, scheduler and controller manager, which listen on loopback. */
  readonly controlPlaneMetricsPort: number;
  readonly outside: Readonly<Record<OutsideName, OutsideService>>;
  /** Who may call the API server beside nodes and pods. */
  readonly apiClientCidrs: readonly string[];
  /** Who may log in to nodes by SSH; none: nobody. */
  readonly sshCidrs: readonly string[];
  /** The metadata service of the cloud: its answers hold the node's user data, and with it secrets. */
  readonly metadataCidrs: readonly string[];
}

const anywhere = ['0.0.0.0/0'];
const tcpPort = (port: number): readonly Port[] => [{ protocol: 'TCP', port }];
const service = (port: number): OutsideService => ({ ports: tcpPort(port), cidrs: anywhere });

export const defaultSite: Site = {
  cluster: 'workload',
  apiServerPort: 6443,
  dnsPort: 53,
  tunnel: 'vxlan',
  controlPlaneMetricsPort: 10270,
  outside: {
    keystone: service(5000),
    nova: service(8774),
    neutron: service(9696),
    glance: service(9292),
    octavia: service(9876),
    cinder: service(8776),
    resolvers: { ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }], cidrs: anywhere },
    time: { ports: [{ protocol: 'UDP', port: 123 }], cidrs: anywhere },
    registries: { ports: tcpPort(443), cidrs: anywhere, names: ['ghcr.io', '*.githubusercontent.com', 'registry.k8s.io', '*.pkg.dev', 'quay.io', '*.quay.io'] },
    acme: { ports: tcpPort(443), cidrs: anywhere, names: ['acme-v02.api.letsencrypt.org'] },
    probeTargets: { ports: tcpPort(443), cidrs: anywhere },
    clusterApis: service(6443),
    pagers: service(443),
  },
  apiClientCidrs: anywhere,
  sshCidrs: [],
  metadataCidrs: ['169.254.169.254/32'],
};
