/** The versions of Go modules that charts are rendered or taken from. The tools of the sandbox are built from the same; a test compares them. */

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
  /** The snapshot controller, and its kinds. */
  'github.com/kubernetes-csi/external-snapshotter/v8': 'v8.7.0',
  'github.com/kubernetes-csi/external-snapshotter/client/v8': 'v8.7.0',
  /** Only for tests: charts that come from repositories. */
  'sigs.k8s.io/metrics-server': 'v0.9.0',
  'github.com/kyverno/kyverno': 'v1.19.1',
  /** What that version of Kyverno is built with; its chart takes the CRDs of this one. */
  'github.com/kyverno/api': 'v0.0.1-alpha.3.0.20260723090831-fb2785727f98',
} as const;

export type ModulePath = keyof typeof versions;
