/** What things are called. Nothing else in the tree spells these strings. */
import { createHash } from 'node:crypto';
import { annotations } from './labels.ts';

/** Group and version of our custom resources. */
export const group = 'keelson.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** Where our own things run, in management and workload clusters alike; also the home of the ClusterClass. */
export const systemNamespace = 'keelson-system';

/** The version of the class that examples and defaults name. Its patches never change their output for the same input; what must change gets a new name. */
export const clusterClassName = 'openstack-v1';
/**
 * Names of all versions of the class, for JavaScript, CEL and PromQL alike; without anchors. Not the list of those that this
 * release makes: a cluster of a version that is made no more has things in its cloud all the same.
 */
export const classNames = 'openstack-v[1-9][0-9]*';
const classNamesWhole = new RegExp(`^${classNames}$`);
/** Whether `spec.topology.classRef.name` is a version of our class. */
export const isOurClass = (name: string | undefined): boolean => name !== undefined && classNamesWhole.test(name);
/** Key in the settings of the class's patch, whose value is the digest of all it makes: Cluster API sends it with every request for that class. */
export const classOutputSetting = 'output';
/** The worker class of `spec.topology.workers.machineDeployments[].class`. */
export const workerClassName = 'worker';

/** The ExtensionConfig; handlers are named `<handler>.<extensionconfig>` in a ClusterClass. */
export const extensionConfigName = 'keelson';
/** Service, Deployment and Secret of the topology extension. */
export const topologyExtensionName = 'keelson-topology-extension';
export const topologyExtensionSecret = 'keelson-topology-extension-tls';

/** The CA that signs our serving certificates, in `keelson-system`. */
export const caSecretName = 'keelson-ca';

export const operatorName = 'keelson-operator';

export const ports = { metrics: 8080, health: 8081, topologyExtension: 9443, federationProxy: 9090, certExporter: 9005, metricsRelay: 10270 } as const;

/** Longest name of a Cluster: kubeadm, Octavia and Nova names are built from it and must stay readable below their limits. */
export const maxClusterName = 20;
/** Longest name of an organization whose namespace still fits a DNS label of 63 characters. */
export const maxOrganizationName = 63 - 'org-'.length;

/** The namespace of an organization. Names that would not fit are refused, never cut. */
export const organizationNamespace = (organization: string): string => `org-${organization}`;
/** The inverse; undefined for a namespace that is no organization's by its name. */
export const organizationOf = (namespace: string): string | undefined => (namespace.startsWith('org-') ? namespace.slice('org-'.length) : undefined);

/** The Secret in which Cluster API keeps a cluster's kubeconfig (key `value`), beside the Cluster. */
export const kubeconfigSecretName = (cluster: string): string => `${cluster}-kubeconfig`;

/**
 * The ConfigMap with what everybody may know of a cluster's API server (keys `server`, `ca.crt`, `tls-server-name`), beside the
 * Cluster: whoever logs in by OIDC needs no more. Only the operator writes it; readers check the label `keelson.dev/access: connection`.
 */
export const connectionName = (cluster: string): string => `${cluster}-connection`;

/**
 * The Secret with the EncryptionConfiguration of a cluster's API servers, beside the Cluster. Made once and never changed by
 * us: without its key nothing that is encrypted in etcd, or in a backup of it, can be read.
 */
export const encryptionSecret = (cluster: string): { readonly name: string; readonly key: string } => ({ name: `${cluster}-encryption`, key: 'encryption.json' });

/** The Secret with a workload cluster's own credentials for its cloud, beside the Cluster: keys `clouds.yaml` (entry `workloadCloudName`) and `cacert`. */
export const workloadCredentialSecretName = (cluster: string): string => `${cluster}-cloud-credential`;
export const workloadCloudName = 'openstack';

/** ConfigMap and Secret with a cluster's own values for its bundle, beside the Cluster: key = app of the bundle, value = YAML. */
export const bundleValuesName = (cluster: string): string => `${cluster}-bundle-values`;

/** What the management cluster is called where Clusters have a name. */
export const managementClusterName = 'management';

/** The App of one component of a cluster, beside the Cluster. */
export const appName = (cluster: string, component: string): string => `${cluster}-${component}`;

/** ConfigMap and Secret with the user's values of an App, beside it. */
export const userValuesName = (app: string): string => `${app}-user-values`;

/** The ServiceAccount of a namespace in whose name its Apps change the management cluster. */
export const appServiceAccount = 'keelson-apps';

/**
 * Tag on everything that anything of ours creates in OpenStack for one cluster: `keelson-<16 hex>`. Nova allows 60
 * characters, no `/` and no `,`. A Cluster's uid is unique across management clusters, so the tag is too.
 * @param clusterUid see `cloudIdentity`
 */
export function ownershipTag(clusterUid: string): string {
  return `keelson-${createHash('sha256').update(clusterUid).digest('hex').slice(0, 16)}`;
}

/** What says who a Cluster is in its cloud. */
export interface CloudIdentity {
  readonly uid?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** The uid with which a Cluster began: after `clusterctl move` or an import the object has another one, and its machines are still its own. */
export const cloudIdentity = ({ uid = '', annotations: held }: CloudIdentity): string => held?.[annotations.cloudIdentity] ?? uid;

/** The ownership tag of a Cluster, from its metadata. */
export const clusterTag = (metadata: CloudIdentity): string => ownershipTag(cloudIdentity(metadata));

/**
 * Nova server group of the control plane or of one worker group (its name in spec.topology). Carries the ownership tag, so
 * that it is nobody else's, and the policy, which Nova cannot change: another one is another group, with other machines.
 */
export const serverGroupName = (clusterUid: string, group: string, policy: string): string => `${ownershipTag(clusterUid)}-${group}-${policy}`;

/** Security group of a bastion that not everybody may reach; made and removed by us. @param tag see `ownershipTag` */
export const bastionGroupName = (tag: string): string => `${tag}-bastion`;

/** What CAPO 0.14 calls the network, subnet and router that it makes (pkg/cloud/services/networking/network.go). */
export const capoNetworkName = (cluster: { readonly namespace: string; readonly name: string }): string => `k8s-clusterapi-cluster-${cluster.namespace}-${cluster.name}`;
