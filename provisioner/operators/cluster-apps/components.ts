/** The bundle: what every cluster gets, where, and what has to be healthy first. */
import type { Values } from '../../helm/index.ts';
import type { CloudFacts } from './cloud-facts.ts';
import { cloudConfigSecret } from './cloud-conf.ts';

export interface Component {
  /** Also the name of the chart and of the release. */
  readonly name: string;
  readonly namespace: string;
  /** Names of components. One that a cluster does not get is not waited for. */
  readonly dependsOn: readonly string[];
  /** Only where the cloud is known; the others install on any cluster. */
  readonly needsCloud?: true;
  /** Values that follow from the cluster. */
  readonly values?: (cluster: ComponentCluster) => Values;
}

/** What values may be made from. */
export interface ComponentCluster {
  readonly name: string;
  readonly namespace: string;
  /** Unique among all clusters of all management clusters, and short: names of load balancers are built from it. */
  readonly ownershipTag: string;
  readonly podCidrs: readonly string[];
  readonly cloud?: { readonly facts: CloudFacts; readonly configChecksum: string };
}

const cloudController = 'openstack-cloud-controller-manager';
const prometheusOperator = 'prometheus-operator';
const system = 'keelson-system';
/** The kinds of prometheus-operator are there once it is Ready. */
const monitored = { serviceMonitor: { enabled: true } } as const;

/**
 * In the order of installation. The cloud controller comes first: until it has looked at a node, the taint
 * node.cloudprovider.kubernetes.io/uninitialized keeps every pod away that does not bear it, CoreDNS too.
 */
export const components: readonly Component[] = [
  { name: cloudController, namespace: 'kube-system', dependsOn: [], needsCloud: true, values: cloudControllerValues },
  { name: 'metrics-server', namespace: 'kube-system', dependsOn: [cloudController] },
  { name: prometheusOperator, namespace: system, dependsOn: [cloudController] },
  { name: 'kube-state-metrics', namespace: system, dependsOn: [prometheusOperator], values: () => monitored },
  { name: 'node-exporter', namespace: system, dependsOn: [prometheusOperator], values: () => monitored },
  { name: 'cert-exporter', namespace: system, dependsOn: [prometheusOperator], values: () => monitored },
  { name: 'net-exporter', namespace: system, dependsOn: [prometheusOperator], values: () => monitored },
  { name: 'workload-monitoring', namespace: system, dependsOn: [prometheusOperator] },
];

/** The component whose readiness starts the federation of a cluster's metrics. */
export const monitoringComponent = 'workload-monitoring';

function cloudControllerValues({ ownershipTag, podCidrs, cloud }: ComponentCluster): Values {
  return {
    // Load balancers are named kube_service_<clusterName>_<namespace>_<service>: a name that another cluster also has makes them share one.
    clusterName: ownershipTag,
    podCidrs,
    cloudConfig: { secretName: cloudConfigSecret.name, checksum: cloud?.configChecksum ?? '' },
  };
}
