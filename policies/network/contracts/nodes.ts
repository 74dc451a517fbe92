/**
 * What listens on nodes themselves. All of it has the identity of a node, so pods are let in by a host policy, and what
 * calls it needs the entities host and remote-node: no selector of pods ever matches.
 */
import { callsDns, component, type Contract, outside, tcp, udp } from '../contract.ts';
import type { Site } from './site.ts';

const everyNode = { namespace: 'kube-system', hostNetwork: true, where: 'everyNode' } as const;
const controlPlane = { namespace: 'kube-system', hostNetwork: true, where: 'controlPlane' } as const;

export const kubeApiServer = ({ apiServerPort, apiClientCidrs }: Site): Contract => ({
  component: 'kube-apiserver',
  pods: { ...controlPlane, labels: { component: 'kube-apiserver' }, entity: 'kube-apiserver' },
  listens: { https: tcp('api', apiServerPort, { isProbed: true }) },
  serves: [
    { listener: 'https', from: { kind: 'anyPod' }, reason: 'clients in pods; the API server tells them apart itself' },
    { listener: 'https', from: { kind: 'nodes' }, reason: 'kubelets and static pods' },
    { listener: 'https', from: { kind: 'cidrs', cidrs: apiClientCidrs }, reason: 'people and pipelines, and the health monitor of the load balancer' },
  ],
  calls: [
    { to: component('etcd', 'client'), reason: 'the store' },
  ],
});

export const etcd = (): Contract => ({
  component: 'etcd',
  pods: { ...controlPlane, labels: { component: 'etcd' } },
  listens: { client: tcp('api', 2379), peer: tcp('mesh', 2380) },
  // A joining control-plane node speaks to etcd before its API server runs, so it has no kube-apiserver identity yet: only "nodes" lets it in.
  serves: [{ listener: 'client', from: { kind: 'nodes' }, reason: 'a control-plane node that joins adds its member before its API server runs' }],
  calls: [{ to: { kind: 'self', listener: 'peer' }, reason: 'replication' }],
});

export const kubelet = ({ sshCidrs }: Site): Contract => ({
  component: 'kubelet',
  pods: { ...everyNode, labels: { component: 'kubelet' } },
  listens: { https: tcp('metrics', 10250), nodePorts: tcp('api', 30000, { endPort: 32767 }), ssh: tcp('api', 22), dhcp: udp('api', 68) },
  serves: [
    { listener: 'https', from: { kind: 'apiServer' }, reason: 'logs, exec, port-forward' },
    { listener: 'dhcp', from: { kind: 'cidrs', cidrs: ['0.0.0.0/0'] }, reason: 'answers to broadcasts belong to no connection, so leases could not be renewed' },
    { listener: 'nodePorts', from: { kind: 'cidrs', cidrs: ['0.0.0.0/0'] }, need: 'allowed', reason: 'Services of type NodePort and LoadBalancer' },
    ...(sshCidrs.length > 0 ? [{ listener: 'ssh', from: { kind: 'cidrs', cidrs: sshCidrs }, reason: 'people who repair nodes' } as const] : []),
  ],
  calls: [
    { to: component('kube-apiserver', 'https'), reason: 'node status and pods' },
    { to: outside('registries'), reason: 'images' },
    { to: outside('resolvers'), reason: 'names' },
    { to: outside('time'), reason: 'clock' },
  ],
});

/** Lets Prometheus read etcd, scheduler and controller manager, whose metrics stay on loopback. Checks the caller's token itself. */
export const controlPlaneMetrics = ({ controlPlaneMetricsPort }: Site): Contract => ({
  component: 'control-plane-metrics',
  pods: { ...controlPlane, namespace: 'keelson-system', labels: { 'app.kubernetes.io/name': 'control-plane-metrics' } },
  listens: { metrics: tcp('metrics', controlPlaneMetricsPort, { isProbed: true }) },
  serves: [],
  calls: [{ to: component('kube-apiserver', 'https'), reason: 'asks who the caller is and what it may' }],
});

export const nodeExporter = (): Contract => ({
  component: 'node-exporter',
  pods: { namespace: 'keelson-system', labels: { 'app.kubernetes.io/name': 'node-exporter' }, hostNetwork: true, where: 'everyNode' },
  listens: { metrics: tcp('metrics', 9100, { isProbed: true }) },
  serves: [],
  calls: [],
});

/** Its metrics and health stay on loopback: https://github.com/kubernetes/cloud-provider-openstack, --bind-address=127.0.0.1 in our chart. */
export const cloudControllerManager = (): Contract => ({
  component: 'openstack-cloud-controller-manager',
  pods: { ...controlPlane, labels: { 'app.kubernetes.io/name': 'openstack-cloud-controller-manager' } },
  listens: {},
  serves: [],
  calls: [
    { to: component('kube-apiserver', 'https'), reason: 'nodes and Services' },
    ...(['keystone', 'nova', 'neutron', 'octavia'] as const).map((name) => ({ to: outside(name), reason: `OpenStack ${name}` })),
  ],
});

/** The node part of Cinder CSI speaks to nobody: volumes are attached by its controller. The driver and its four sidecars have a port each for metrics. */
export const cinderCsiController = (): Contract => ({
  component: 'cinder-csi-controller',
  pods: { namespace: 'kube-system', labels: { app: 'openstack-cinder-csi', component: 'controllerplugin' } },
  listens: { health: tcp('health', 9808, { isProbed: true }), metrics: tcp('metrics', 8080, { endPort: 8084 }) },
  serves: [],
  calls: [
    { to: component('kube-apiserver', 'https'), reason: 'volumes and claims' },
    callsDns('names of the OpenStack services'),
    ...(['keystone', 'nova', 'cinder'] as const).map((name) => ({ to: outside(name), reason: `OpenStack ${name}` })),
  ],
});

/** The driver's own pod makes the snapshots; this one writes objects only. */
export const snapshotController = (): Contract => ({
  component: 'snapshot-controller',
  pods: { namespace: 'kube-system', labels: { 'app.kubernetes.io/name': 'snapshot-controller' } },
  listens: { health: tcp('health', 8080, { isProbed: true }) },
  serves: [],
  calls: [{ to: component('kube-apiserver', 'https'), reason: 'snapshots and claims' }],
});

/** Which port the encapsulation between nodes uses: https://docs.cilium.io/en/stable/operations/system_requirements/#firewall-rules */
export const tunnels = { vxlan: udp('mesh', 8472), geneve: udp('mesh', 6081), wireguard: udp('mesh', 51871) } as const;
