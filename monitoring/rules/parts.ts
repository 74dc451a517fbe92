/** Pieces of PromQL that rules of several areas share. Names of metrics: `monitoring/catalogue`. */
import { ownClasses } from '../fleet.ts';

/** How many objects of a kind a cluster names at most: enough for a page, and a bounded number of series at any size. */
export const named = 10;

/** The worst, by value. */
export const worst = (vector: string, at: number = named): string => `topk(${at}, ${vector})`;
/** The least, by value. */
export const least = (vector: string, at: number = named): string => `bottomk(${at}, ${vector})`;

/** Namespaces that Keelson and the clusters' components live in; all others are the tenants'. Anchored, as matchers are. */
export const platformNamespaces = 'keelson-system|kube-system|kyverno|cert-manager|capi-system';

/** Under another label name. */
export const relabel = (vector: string, to: string, from: string): string => `label_replace(${vector}, "${to}", "$1", "${from}", "(.*)")`;

const zones = 'max by (node, label_topology_kubernetes_io_zone) (kube_node_labels)';

/** A vector by node, by node and zone; where kube-state-metrics is not told to show zones, without a zone rather than not at all. */
export const withZone = (byNode: string): string =>
  `max by (node, zone) (${relabel(`(${byNode}) * on (node) group_left (label_topology_kubernetes_io_zone) ${zones}`, 'zone', 'label_topology_kubernetes_io_zone')} or on (node) (${byNode}))`;

/** Clusters that run, and for how long they have; the operator says so (provisioner/operators/monitoring/fleet-metrics.ts). */
export const shouldExist = 'keelson_cluster_info{phase=~"running|upgrading"}';

/** Those of them whose control plane we run. */
export const ownControlPlane = `keelson_cluster_info{phase=~"running|upgrading",class=~"${ownClasses}"}`;

/** Clusters that should exist and lack a series, as 0. Absence is a join: absent() is silent while any other cluster has it. */
export const missing = (series: string, clusters = shouldExist): string => `(max by (cluster_id, organization) (${clusters}) unless on (cluster_id) ${series}) * 0`;
