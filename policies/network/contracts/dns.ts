/** CoreDNS. The port is an input: kubeadm's listens on 53, charts that drop capabilities on 1053. */
import { callsApiServer, type Contract, outside, tcp } from '../contract.ts';
import type { Site } from './site.ts';

export const coreDns = ({ dnsPort }: Site): Contract => ({
  component: 'coredns',
  pods: { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  listens: {
    dns: { purpose: 'dns', ports: [{ protocol: 'UDP', port: dnsPort }, { protocol: 'TCP', port: dnsPort }] },
    metrics: tcp('metrics', 9153),
    health: tcp('health', 8080, { isProbed: true }),
    ready: tcp('health', 8181, { isProbed: true }),
  },
  serves: [
    { listener: 'dns', from: { kind: 'anyPod' }, reason: 'names for every pod of the cluster' },
    { listener: 'dns', from: { kind: 'nodes' }, reason: 'pods on the host network with dnsPolicy ClusterFirstWithHostNet' },
  ],
  calls: [
    callsApiServer('watches Services and EndpointSlices'),
    { to: outside('resolvers'), reason: 'names outside the cluster' },
  ],
});
