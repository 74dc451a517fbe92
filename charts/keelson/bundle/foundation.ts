/** What a cluster needs before anything else runs on it: its cloud, its network, its volumes. For clusters of our class. */
import type { App } from './app.ts';

export const cloudController = 'openstack-cloud-controller-manager';
export const network = 'cilium';
const snapshotController = 'snapshot-controller';
const cinderDriver = 'cinder.csi.openstack.org';

/** Of the Secret that the operator writes into the cluster. */
const cloudConfig = { secretName: '${cloud.configSecret}', checksum: '${cloud.configChecksum}' } as const;

/**
 * The chart's own classes, but for one thing: a volume is made when the zone of its pod is known. Theirs make it at once, in any
 * zone that has nodes, and then no pod with a mind of its own about zones can have it.
 */
const storageClasses = (['Delete', 'Retain'] as const).map((reclaimPolicy) => `---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: csi-cinder-sc-${reclaimPolicy.toLowerCase()}
  annotations: {storageclass.kubernetes.io/is-default-class: "${reclaimPolicy === 'Delete'}"}
provisioner: ${cinderDriver}
reclaimPolicy: ${reclaimPolicy}
allowVolumeExpansion: true
volumeBindingMode: WaitForFirstConsumer
`).join('');

/** Ports of the metrics of Cinder CSI's sidecars, as the monitors of chart workload-monitoring have them; the driver's own is 8080. */
const sidecarMetrics = Object.fromEntries(['attacher', 'provisioner', 'snapshotter', 'resizer'].map((sidecar, i) => [sidecar, { extraArgs: `- --http-endpoint=:${8081 + i}` }]));

/**
 * The cloud controller comes first: until it has looked at a node, the taint node.cloudprovider.kubernetes.io/uninitialized
 * keeps every pod away that does not bear it, CoreDNS too. It runs on the host network, so it needs no pod network.
 */
export const foundation: readonly App[] = [
  {
    name: cloudController,
    description: 'Addresses and zones of nodes, Services of type LoadBalancer, routes where there is no tunnel.',
    namespace: 'kube-system',
    clusters: ['ours'],
    provider: 'openstack',
    values: {
      // Load balancers are named kube_service_<clusterName>_<namespace>_<service>: a name that another cluster also has makes them share one.
      clusterName: '${cluster.ownershipTag}',
      podCidrs: '${network.routedPodCidrs}',
      cloudConfig,
    },
  },
  {
    name: network,
    description: 'The pod network: connectivity, network policies, flows.',
    namespace: 'kube-system',
    dependsOn: [cloudController],
    clusters: ['ours'],
    provider: 'openstack',
    values: {
      k8sServiceHost: '${cluster.apiHost}',
      k8sServicePort: '${cluster.apiPort}',
      kubeProxyReplacement: '${network.replacesKubeProxy}',
      // The controller manager gives each node its part of the pod network.
      ipam: { mode: 'kubernetes' },
      ipv4: { enabled: '${network.hasIPv4}' },
      ipv6: { enabled: '${network.hasIPv6}' },
      routingMode: '${network.routingMode}',
      tunnelProtocol: '${network.tunnelProtocol?}',
      ipv4NativeRoutingCIDR: '${network.nativeCidr?}',
      encryption: { enabled: '${network.isEncrypted}', type: 'wireguard' },
      hubble: { enabled: '${network.hasHubble}' },
      // Host policies of charts/policies need it; in audit mode they drop nothing.
      hostFirewall: { enabled: true },
      operator: { replicas: 2 },
      // Scraped where nodes may reach each other on 9962 (chart workload-monitoring, scrape.cilium).
      prometheus: { enabled: true },
    },
    images: {
      'image.repository': 'quay.io/cilium/cilium',
      'operator.image.repository': 'quay.io/cilium/operator',
      'envoy.image.repository': 'quay.io/cilium/cilium-envoy',
      'certgen.image.repository': 'quay.io/cilium/certgen',
      'preflight.image.repository': 'quay.io/cilium/cilium',
      'hubble.relay.image.repository': 'quay.io/cilium/hubble-relay',
      'hubble.ui.backend.image.repository': 'quay.io/cilium/hubble-ui-backend',
      'hubble.ui.frontend.image.repository': 'quay.io/cilium/hubble-ui',
      'nodeinit.image.repository': 'quay.io/cilium/startup-script',
    },
  },
  {
    name: snapshotController,
    description: 'Snapshots of volumes: their kinds, their controller, and a class for Cinder.',
    namespace: 'kube-system',
    dependsOn: [cloudController, network],
    clusters: ['ours'],
    provider: 'openstack',
    // Cinder refuses to take a volume in use otherwise, and those of running pods are.
    values: { classes: [{ name: 'cinder', driver: cinderDriver, isDefault: true, parameters: { 'force-create': 'true' } }] },
  },
  {
    name: 'openstack-cinder-csi',
    description: 'Persistent volumes from Cinder.',
    namespace: 'kube-system',
    // Its sidecar for snapshots ends where their kinds are not served.
    dependsOn: [cloudController, network, snapshotController],
    clusters: ['ours'],
    provider: 'openstack',
    values: {
      // On every volume as metadata cinder.csi.openstack.org/cluster; by it the clean-up finds what is left.
      clusterID: '${cluster.ownershipTag}',
      secret: { enabled: true, create: false, name: '${cloud.configSecret}', filename: 'cloud.conf' },
      // On the pods too, which read credentials at their start.
      commonAnnotations: { 'keelson.dev/cloud-config-checksum': '${cloud.configChecksum}' },
      csi: {
        ...sidecarMetrics,
        plugin: {
          httpEndpoint: { enabled: true, port: 8080 },
          // Without, the driver knows no zones: it names none to Cinder, and binds no volume to one.
          extraArgs: '- --with-topology=${cloud.hasClaimZones}',
          // The CA lies beside cloud.conf.
          volumes: [],
          volumeMounts: [{ name: 'cloud-config', mountPath: '/etc/config', readOnly: true }],
        },
      },
      storageClass: { enabled: false, custom: storageClasses },
    },
    images: {
      'csi.attacher.image.repository': 'registry.k8s.io/sig-storage/csi-attacher',
      'csi.provisioner.image.repository': 'registry.k8s.io/sig-storage/csi-provisioner',
      'csi.snapshotter.image.repository': 'registry.k8s.io/sig-storage/csi-snapshotter',
      'csi.resizer.image.repository': 'registry.k8s.io/sig-storage/csi-resizer',
      'csi.livenessprobe.image.repository': 'registry.k8s.io/sig-storage/livenessprobe',
      'csi.nodeDriverRegistrar.image.repository': 'registry.k8s.io/sig-storage/csi-node-driver-registrar',
      'csi.plugin.image.repository': 'registry.k8s.io/provider-os/cinder-csi-plugin',
    },
  },
];
