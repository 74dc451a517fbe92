/** Cilium itself: agents and operator live on nodes, Hubble's relay and page are pods. Ports: https://docs.cilium.io/en/stable/operations/system_requirements/#firewall-rules */
import { type Call, callsApiServer, callsDns, component, type Contract, type Service, tcp } from '../contract.ts';
import { tunnels } from './nodes.ts';
import type { Site } from './site.ts';

const echo = { purpose: 'health', ports: [{ protocol: 'ICMP', icmpType: 8 }] } as const;

export const ciliumAgent = ({ tunnel }: Site): Contract => {
  const mesh: readonly Call[] = tunnel === 'none' ? [] : [{ to: { kind: 'self', listener: 'tunnel' }, reason: `${tunnel} between nodes carries the pods' traffic` }];
  const fromHealth = (listener: string): Service => ({ listener, from: { kind: 'health' }, reason: 'health checks between nodes' });
  return {
    component: 'cilium-agent',
    pods: { namespace: 'kube-system', labels: { 'k8s-app': 'cilium' }, hostNetwork: true, where: 'everyNode' },
    listens: {
      health: tcp('health', 4240),
      echo,
      hubble: tcp('api', 4244),
      metrics: tcp('metrics', 9962),
      'envoy-metrics': tcp('metrics', 9964),
      'hubble-metrics': tcp('metrics', 9965),
      ...(tunnel === 'none' ? {} : { tunnel: tunnels[tunnel] }),
    },
    serves: [fromHealth('health'), fromHealth('echo')],
    calls: [
      callsApiServer('policies, identities, endpoints'),
      { to: { kind: 'self', listener: 'health' }, reason: 'health checks between nodes' },
      { to: { kind: 'self', listener: 'echo' }, reason: 'health checks between nodes' },
      ...mesh,
    ],
  };
};

export const ciliumOperator = (): Contract => ({
  component: 'cilium-operator',
  pods: { namespace: 'kube-system', labels: { 'io.cilium/app': 'operator' }, hostNetwork: true, where: 'everyNode' },
  listens: { metrics: tcp('metrics', 9963) },
  serves: [],
  calls: [callsApiServer('identities and addresses')],
});

export const hubbleRelay = (): Contract => ({
  component: 'hubble-relay',
  pods: { namespace: 'kube-system', labels: { 'k8s-app': 'hubble-relay' } },
  listens: { grpc: tcp('api', 4245), health: tcp('health', 4222, { isProbed: true }), metrics: tcp('metrics', 9966) },
  serves: [],
  calls: [
    { to: component('cilium-agent', 'hubble'), reason: 'flows of every node' },
    callsDns('finds the peer service of the agents'),
  ],
});

export const hubbleUi = (): Contract => ({
  component: 'hubble-ui',
  pods: { namespace: 'kube-system', labels: { 'k8s-app': 'hubble-ui' } },
  listens: { http: tcp('api', 8081, { isProbed: true }) },
  serves: [{ listener: 'http', from: { kind: 'apiServer' }, reason: 'people open the page through the API server' }],
  calls: [
    { to: component('hubble-relay', 'grpc'), reason: 'flows' },
    callsApiServer('namespaces and Services'),
    callsDns('name of the relay'),
  ],
});
