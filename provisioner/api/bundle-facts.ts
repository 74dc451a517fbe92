/** What is known of a cluster when its bundle is written: names for `${…}` in a bundle's values, and what they mean. */

/** Name → meaning. Beside these, `has.<app>` is true where the cluster gets that app of the bundle. */
export const bundleFacts = {
  'cluster.name': 'Name of the Cluster; "management" for the management cluster.',
  'cluster.namespace': 'Its namespace.',
  'cluster.kind': 'ours, foreign or management.',
  'cluster.ownershipTag': 'keelson-<16 hex>: what names the cluster in its cloud. Only where there is a Cluster.',
  'cluster.kubernetes': 'Minor of Kubernetes that its API server answers with, as 1.36.',
  'cluster.podCidrs': 'List of its pod ranges.',
  'cluster.serviceCidrs': 'List of its Service ranges.',
  'cluster.dnsAddress': 'Address of cluster DNS: the tenth of the first Service range, as kubeadm has it.',
  'cluster.apiHost': 'Host of its API server, as its nodes reach it.',
  'cluster.apiPort': 'Port of it.',
  'network.routingMode': 'tunnel or native, from the variable cilium. Only ours.',
  'network.tunnelProtocol': 'vxlan or geneve; absent where there is no tunnel.',
  'network.nativeCidr': 'Pod range that travels without a tunnel; absent where there is one.',
  'network.routedPodCidrs': "Pod ranges that the cluster's router must know: all where pods travel without a tunnel or without Cilium, else none.",
  'network.isEncrypted': 'Whether WireGuard runs between nodes.',
  'network.hasHubble': 'Whether flows are logged.',
  'network.replacesKubeProxy': 'Whether Cilium serves Services in place of kube-proxy.',
  'network.hasIPv4': 'Whether there is a pod range of IPv4.',
  'network.hasIPv6': 'Whether there is a pod range of IPv6.',
  'cloud.networkId': "Id of the cluster's network in OpenStack, once CAPO has made it. The facts of the cloud are there for clusters of ours only.",
  'cloud.subnetId': 'Id of its subnet.',
  'cloud.routerId': 'Id of its router.',
  'cloud.floatingNetworkId': 'Id of the network of floating IPs; absent where there is none.',
  'cloud.region': "Region; absent where the cloud's own default is meant.",
  'cloud.hasClaimZones': 'Whether volumes that pods claim are made in the zone of the node, and stay there; from the variable cloud.',
  'cloud.configSecret': 'Secret in kube-system with cloud.conf.',
  'cloud.configChecksum': 'Checksum of that Secret: pods with it in an annotation restart when the credentials change.',
} as const satisfies Readonly<Record<string, string>>;

export type BundleFactName = keyof typeof bundleFacts;
export type FactValue = string | number | boolean | readonly string[];

/** The facts of one cluster; one that is not there is not known yet, or does not exist. */
export type BundleFacts = Partial<Readonly<Record<BundleFactName, FactValue>>>;

const known: ReadonlySet<string> = new Set(Object.keys(bundleFacts));

export function isBundleFact(name: string): name is BundleFactName {
  return known.has(name);
}
