/** What must never be open, whatever policies others add: generated as deny rules, and checked. */
import type { Prohibition } from '../contract.ts';
import type { Site } from './site.ts';

export const prohibitions = ({ metadataCidrs }: Site): readonly Prohibition[] => [
  {
    name: 'metadata',
    from: 'anyPod',
    to: { kind: 'cidrs', cidrs: metadataCidrs },
    reason: "the metadata service hands out the node's user data, and with it secrets of the cluster",
  },
  { name: 'etcd', from: 'tenantPod', to: { kind: 'component', component: 'etcd', listener: 'client' }, reason: 'whoever writes to etcd owns the cluster' },
  { name: 'etcd-peers', from: 'tenantPod', to: { kind: 'component', component: 'etcd', listener: 'peer' }, reason: 'whoever writes to etcd owns the cluster' },
  { name: 'kubelet', from: 'tenantPod', to: { kind: 'component', component: 'kubelet', listener: 'https' }, reason: 'the kubelet runs commands in any pod of its node' },
  { name: 'node-metrics', from: 'tenantPod', to: { kind: 'component', component: 'node-exporter', listener: 'metrics' }, reason: 'tells a tenant what runs beside it' },
  { name: 'control-plane-metrics', from: 'tenantPod', to: { kind: 'component', component: 'control-plane-metrics', listener: 'metrics' }, reason: 'only Prometheus reads the control plane' },
  { name: 'hubble', from: 'tenantPod', to: { kind: 'component', component: 'cilium-agent', listener: 'hubble' }, reason: 'tells a tenant who speaks with whom' },
];
