/** What runs in the management cluster alone: our operator and topology extension, and Cluster API with its providers. */
import { callsApiServer, callsDns, component, type Contract, outside, tcp } from '../contract.ts';

const ours = (name: string) => ({ namespace: 'keelson-system', labels: { 'app.kubernetes.io/name': 'keelson', 'app.kubernetes.io/component': name } });
const probed = { isProbed: true } as const;
const openStack = (['keystone', 'nova', 'neutron', 'glance', 'octavia', 'cinder'] as const).map((name) => ({ to: outside(name), reason: `OpenStack ${name}` }));

export const operator = (): Contract => ({
  component: 'keelson-operator',
  pods: ours('operator'),
  listens: { metrics: tcp('metrics', 8080), health: tcp('health', 8081, probed) },
  serves: [],
  calls: [
    callsApiServer('its reconcilers'),
    { to: outside('clusterApis'), reason: 'installs the components of every cluster' },
    { to: component('alertmanager', 'web'), reason: 'brings Silences and maintenance windows' },
    // Checks a cloud before a cluster is made in it, and cleans up after it.
    ...openStack,
    callsDns('names of API servers of clusters and of the OpenStack services'),
  ],
});

export const topologyExtension = (): Contract => ({
  component: 'keelson-topology-extension',
  pods: ours('topology-extension'),
  listens: { hooks: tcp('webhook', 9443), metrics: tcp('metrics', 8080), health: tcp('health', 8081, probed) },
  serves: [{ listener: 'hooks', from: { kind: 'apiServer' }, reason: 'admission of Clusters and Organizations' }],
  calls: [callsApiServer('what an organization has already'), callsDns('names, where the API server is one')],
});

interface Manager {
  readonly provider: string;
  readonly extra?: Contract['calls'];
}
const manager = ({ provider, extra = [] }: Manager) => (): Contract => ({
  component: `capi-${provider}`,
  pods: { namespace: 'capi-system', labels: { 'cluster.x-k8s.io/provider': provider, 'control-plane': 'controller-manager' } },
  listens: { webhook: tcp('webhook', 9443), health: tcp('health', 9440, probed), metrics: tcp('metrics', 8443) },
  serves: [{ listener: 'webhook', from: { kind: 'apiServer' }, reason: 'admission and conversion webhooks of Cluster API' }],
  calls: [callsApiServer('its reconcilers'), ...extra],
});

const workloadApis = { to: outside('clusterApis'), reason: 'API servers of the clusters it makes' };
const names = callsDns('names of API servers of clusters');

export const capiCore = manager({
  provider: 'cluster-api',
  extra: [workloadApis, { to: component('keelson-topology-extension', 'hooks'), reason: 'topology hooks' }, callsDns('names of API servers of clusters and of the topology extension')],
});
export const capiBootstrap = manager({ provider: 'bootstrap-kubeadm', extra: [workloadApis, names] });
export const capiControlPlane = manager({ provider: 'control-plane-kubeadm', extra: [workloadApis, names] });
export const capiOpenStack = manager({
  provider: 'infrastructure-openstack',
  extra: [
    ...openStack,
    workloadApis,
    callsDns('names of the OpenStack services and of API servers of clusters'),
  ],
});
