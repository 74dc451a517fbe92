/** The versions of Go modules that charts are rendered from. The tools of the sandbox are built from the same; a test compares them. */

export const versions = {
  'sigs.k8s.io/cluster-api': 'v1.14.2',
  'sigs.k8s.io/cluster-api-provider-openstack': 'v0.14.7',
  /** openstack-resource-controller: only its CRD Image. */
  'github.com/k-orc/openstack-resource-controller/v2': 'v2.4.0',
  'github.com/prometheus-operator/prometheus-operator': 'v0.85.0',
  /** Its chart, which ships in the bundle, and its CRDs, which generated network policies are held to; the version whose semantics policies/network simulates. */
  'github.com/cilium/cilium': 'v1.20.2',
  /** The chart of the Cinder CSI driver. */
  'k8s.io/cloud-provider-openstack': 'v1.36.0',
} as const;

export type ModulePath = keyof typeof versions;
