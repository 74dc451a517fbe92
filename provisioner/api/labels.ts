/** Labels, annotations and finalizers: ours under `keelson.dev/`, and those of others that we read or set. */

export const labels = {
  /** "true" on a Cluster of another class that gets our add-ons; its machines and cloud are never touched. */
  managed: 'keelson.dev/managed',
  /** Name of the organization that owns the object. */
  organization: 'keelson.dev/organization',
  /** What a Cluster is for: production (also without the label), staging, development; who hears of its alerts depends on it. */
  environment: 'keelson.dev/environment',
  /** Name of the component an App delivers. */
  component: 'keelson.dev/component',
  /** On an App of a bundle: the version of the bundle. */
  bundle: 'keelson.dev/bundle',
  /** On an App of a bundle: the minor of Kubernetes that the bundle was last chosen for. */
  bundleKubernetes: 'keelson.dev/bundle-kubernetes',
  /** Cluster API: the Cluster an object belongs to. */
  clusterName: 'cluster.x-k8s.io/cluster-name',
  /** Cluster API: `clusterctl move` takes objects with this label along. */
  move: 'clusterctl.cluster.x-k8s.io/move',
  managedBy: 'app.kubernetes.io/managed-by',
  /** "true" on a ConfigMap or Secret that Apps may take values from. Whoever cannot write an object cannot have it read either. */
  appValues: 'keelson.dev/app-values',
  /** "true" on a Secret that Catalogs may log in with. Whoever writes a Catalog says where its login is sent, and may not be allowed to read the Secret. */
  catalogLogin: 'keelson.dev/catalog-login',
  /** "true" on an App: deleting it is refused until the label is gone. */
  preventDeletion: 'keelson.dev/prevent-deletion',
  /**
   * On RBAC objects in a workload cluster: `rights`. They are what ClusterAccess and AccessBinding say, and nothing else may carry it.
   * On ConfigMaps in the management cluster: `connection`, see `connectionName`; admission lets only the operator write it.
   */
  access: 'keelson.dev/access',
} as const;

export const annotations = {
  /** On a Service: the operator keeps a serving certificate in the Secret of this name. */
  servingCertSecret: 'keelson.dev/serving-cert-secret',
  /** On webhook configurations, CRDs, APIServices, ExtensionConfigs: `<namespace>/<secret>` whose `ca.crt` becomes their caBundle. */
  injectCaFrom: 'keelson.dev/inject-ca-from',
  /** On the ExtensionConfig: when Cluster API was last asked to discover our handlers (RFC 3339), see `discovery-controller.ts`. Written by the operator while some are missing. */
  asked: 'keelson.dev/asked',
  /** On a Cluster: why its deletion has to wait. While it is there and not empty, BeforeClusterDelete asks Cluster API to come back. */
  deletionHold: 'keelson.dev/deletion-hold',
  /** On a Cluster that is being deleted: since when its Apps are uninstalled, in reverse order of their dependencies. Before, what workloads have in the cloud goes. */
  appsLeave: 'keelson.dev/apps-leave',
  /** On a Cluster that is being deleted: when the operator was done with what workloads have in the cloud, and with its Apps. Machines stay until then. */
  workloadsRemoved: 'keelson.dev/workloads-removed',
  /** On a Cluster: "true" lets its deletion end although its cloud cannot be cleaned up. */
  abandonCloud: 'keelson.dev/abandon-cloud',
  /** On a Cluster: "delete" removes volumes of persistent volumes even where nobody could be asked whether they are to be kept. */
  volumes: 'keelson.dev/volumes',
  /** On a Cluster: "shared" lets it have the credentials it was made with where no application credential can be made for it. */
  workloadCredential: 'keelson.dev/workload-credential',
  /** On a cluster's credential Secret: "true" while the credentials it replaced still work. */
  credentialsToRevoke: 'keelson.dev/credentials-to-revoke',
  /** On a Cluster: the uid with which it began, by which what it owns in its cloud is known. Written by the operator; goes along when the object is moved or imported. */
  cloudIdentity: 'keelson.dev/cloud-identity',
  /** On a Cluster whose name another one had first: its `cluster_id` in metrics and alerts, `<name>.<namespace>`. Written by the operator; no other value counts. */
  clusterId: 'keelson.dev/cluster-id',
  /** On a Cluster: since when it was Available for the first time (RFC 3339). Written by the operator; what is older than the object, copied or moved along, does not count. */
  firstAvailable: 'keelson.dev/first-available',
  /** On a Cluster: the operator's verdict on it, see `preflight-verdict.ts`. */
  preflight: 'keelson.dev/preflight',
  /** On an App: nothing is done to it until this time (RFC 3339); then everything goes on by itself. */
  pausedUntil: 'keelson.dev/paused-until',
  /** On an App: another value asks for a comparison with the cluster now, and for another try of what failed. */
  requestedAt: 'keelson.dev/requested-at',
  /** On an organization's namespace: the classes its Clusters may have, `<namespace>/<name>` with commas between. */
  allowedClasses: 'keelson.dev/allowed-classes',
  /** On an organization's namespace: the credentials its Clusters may use, `<type>/<name>` with commas between. */
  identities: 'keelson.dev/identities',
  /** On an organization's namespace: what its new Clusters get where they say nothing, see `organization-defaults.ts`. */
  defaults: 'keelson.dev/defaults',
  /** On a Cluster of an organization: the fields that came from its Organization's defaults, with commas between. */
  defaulted: 'keelson.dev/defaulted',
  /** On an Organization: its own name confirms that its clusters may be deleted with it. */
  confirmDeletion: 'keelson.dev/confirm-deletion',
  /** On a Cluster: whether workers may follow their control plane, see `workers-gate.ts`. */
  workersGate: 'keelson.dev/workers-gate',
  /** On a Cluster: "now" lets workers go to a new version whatever nodes, budgets and quotas say. */
  rollWorkers: 'keelson.dev/roll-workers',
  /** On a Cluster: which bundle it has: "latest", "with-kubernetes", or the version of one. */
  bundle: 'keelson.dev/bundle',
  /** On a Cluster: apps of the bundle that it does not get, separated by commas. */
  bundleWithout: 'keelson.dev/bundle-without',
  /** On an App that is declared and not installed: why. */
  leftOut: 'keelson.dev/left-out',
  /** On a CRD from a chart's folder crds/: chart, version and a digest of the definition, as it was last brought here. */
  crdSource: 'keelson.dev/crd-source',
  /** What an object is for, in a sentence, where people meet it. */
  description: 'keelson.dev/description',
  /** Cluster API: the object and its children are not reconciled. */
  paused: 'cluster.x-k8s.io/paused',
} as const;

export const finalizers = {
  /** On an App: its release is uninstalled before the object goes. */
  app: 'keelson.dev/app',
  /** On an Organization: its clusters are gone before the namespace goes, and that before the object. */
  organization: 'keelson.dev/organization',
  /** On a Cluster of our class: its cloud is cleaned up before the object goes. */
  cluster: 'keelson.dev/cluster',
} as const;
