/**
 * What the OpenStack cloud controller manager and the Cinder CSI driver of a cluster write onto what they make (cloud-provider-openstack
 * v1.36.0: pkg/openstack/loadbalancer.go, loadbalancer_sg.go, pkg/csi/cinder/controllerserver.go). Every text is compared as a whole: a cluster
 * called `dev` never answers for what `dev2` or a cluster `dev_x` made.
 */

/** `kube_service_<cluster>_<namespace>_<service>`. Names of namespaces and Services hold no "_"; the name of the cluster may. */
export interface ServiceLoadBalancer {
  readonly cluster: string;
  readonly namespace: string;
  readonly service: string;
}

const prefix = 'kube_service_';
/** RFC 1123 label, as the API server takes it. */
const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
const servicePattern = new RegExp(`^${prefix}(.+)_(${label})_(${label})$`);

/** undefined for any other text, and for a name that was cut at 255 characters inside the cluster's or namespace's part. */
export function parseServiceName(text: string): ServiceLoadBalancer | undefined {
  const [, cluster, namespace, service] = servicePattern.exec(text) ?? [];
  return cluster === undefined || namespace === undefined || service === undefined ? undefined : { cluster, namespace, service };
}

/** A load balancer carries the name of every Service that shares it as a tag. */
export const serviceTags = (tags: readonly string[]): readonly ServiceLoadBalancer[] => tags.flatMap((tag) => parseServiceName(tag) ?? []);

const floatingIpText = new RegExp(`^Floating IP for Kubernetes external service ${label}/${label} from cluster (.+)$`);
const securityGroupText = new RegExp(`^Security Group for ${label}/${label} Service LoadBalancer in cluster (.+)$`);

/** Name of the cluster whose controller manager made a floating IP; undefined for those that people brought. */
export const clusterOfFloatingIp = (description: string): string | undefined => floatingIpText.exec(description)?.[1];
export const clusterOfSecurityGroup = (description: string): string | undefined => securityGroupText.exec(description)?.[1];

/** Metadata of volumes and snapshots: the driver's `--cluster`. */
export const csiClusterKey = 'cinder.csi.openstack.org/cluster';
/** Metadata that we write on volumes and snapshots that are to be retained. */
export const retainKey = 'keelson.dev/retain';
