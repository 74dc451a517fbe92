/**
 * Who reads what each component writes: the object in our charts that makes a Prometheus of ours scrape it, and the job under
 * which its series arrive. One that scrapes nothing unless somebody says so has a reason: the alerts that read it sleep until
 * then, and the walk of every alert says so.
 */

export interface Scrape {
  /** Name of the component in the catalogue, or of an exporter of ours. */
  readonly writer: string;
  /** Values of the label `job`. */
  readonly jobs: readonly string[];
  /** Chart and name of the ServiceMonitor or PodMonitor. */
  readonly by: { readonly chart: string; readonly monitor: string };
  /** Why it scrapes nothing unless somebody says so. */
  readonly sleeps?: string;
}

const inEveryCluster = 'workload-monitoring';
const own = (name: string): Scrape => ({ writer: name, jobs: [name], by: { chart: name, monitor: name } });
const controlPlane = (name: string): Scrape => ({ writer: name, jobs: [name], by: { chart: inEveryCluster, monitor: 'control-plane-metrics' } });
const upstream = (name: string): Scrape => ({ writer: name, jobs: [name], by: { chart: inEveryCluster, monitor: `keelson-${name}` } });

export const scrapes: readonly Scrape[] = [
  own('cert-exporter'), own('net-exporter'), own('kube-state-metrics'), own('node-exporter'), upstream('prometheus-operator'),
  { writer: 'kube-apiserver', jobs: ['apiserver'], by: { chart: inEveryCluster, monitor: 'keelson-apiserver' } },
  { writer: 'kubelet', jobs: ['kubelet'], by: { chart: inEveryCluster, monitor: 'keelson-kubelet' } },
  { writer: 'coredns', jobs: ['coredns'], by: { chart: inEveryCluster, monitor: 'keelson-coredns' } },
  controlPlane('etcd'), controlPlane('kube-scheduler'), controlPlane('kube-controller-manager'), controlPlane('openstack-cloud-controller-manager'),
  { writer: 'prometheus', jobs: ['prometheus-operated', 'keelson-prometheus'], by: { chart: 'monitoring', monitor: 'keelson-prometheus' } },
  { writer: 'alertmanager', jobs: ['alertmanager-operated', 'keelson-alertmanager'], by: { chart: 'monitoring', monitor: 'keelson-alertmanager' } },
  { writer: 'keelson-operator', jobs: ['keelson-operator', 'keelson-clusters', 'keelson-readyz', 'keelson-organizations'], by: { chart: 'keelson', monitor: 'keelson-operator' } },
  { writer: 'keelson-topology-extension', jobs: ['keelson-topology-extension'], by: { chart: 'keelson', monitor: 'keelson-topology-extension' } },
  { writer: 'cluster-api', jobs: ['capi-cluster-api', 'capi-bootstrap-kubeadm', 'capi-control-plane-kubeadm'], by: { chart: 'monitoring', monitor: 'keelson-cluster-api' } },
  { writer: 'cluster-api-provider-openstack', jobs: ['capi-infrastructure-openstack'], by: { chart: 'monitoring', monitor: 'keelson-cluster-api' } },
  upstream('cinder-csi'), upstream('kyverno'),
  { ...upstream('cilium'), sleeps: 'agents are on the network of their nodes, and the security groups of class openstack-v1 do not open port 9962 between nodes; where they are open, `scrape.cilium.enabled` of chart workload-monitoring wakes them' },
];

/** Components that write without being scraped: Prometheus itself, rules of charts, and the federation, whose scrape the operator writes. */
const unscraped: readonly string[] = ['scrape', 'rules', 'policies', 'keelson-federation'];

/** Whether it is said how what a component writes gets to a Prometheus, or why it does not. */
export function isAccountedFor(writer: string): boolean {
  return unscraped.includes(writer) || scrapes.some((scrape) => scrape.writer === writer);
}
