/** Findings about one Cluster: the shape of every `keelson policy` command, with the object filled in. */
import type { Finding } from '../../policies/findings/finding.ts';
import type { PreflightCluster } from './cluster.ts';

/** A finding whose object is the Cluster. */
export type ClusterFinding = Omit<Finding, 'object'>;

export function about(cluster: PreflightCluster, finding: ClusterFinding): Finding {
  const { apiVersion = 'cluster.x-k8s.io/v1beta2', kind = 'Cluster', metadata } = cluster;
  return { object: { apiVersion, kind, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }), name: metadata.name }, ...finding };
}

/** Rule → what it demands. The names are stable: they stand in conditions and scripts. */
export const preflightRules = {
  'cluster/variables': 'The variables of the Cluster fit the schema of its class.',
  'cluster/version': 'An upgrade goes one minor version up, and no node is more than three behind the API server.',
  'cluster/ranges': 'Ranges of nodes, pods and Services overlap neither each other nor what the cluster has to reach.',
  'cluster/zones': 'Servers are not all in one zone without anybody having said so.',
  'cluster/claim-zones': 'Volumes that pods claim can be made in the zones of the workers.',
  'cloud/credentials': 'clouds.yaml lets us in.',
  'cloud/role': 'The credentials may read and create what the cluster needs.',
  'cloud/quota': 'Quotas leave room for the whole cluster and one more server while machines are replaced.',
  'cloud/flavor': 'Every flavor exists and is large enough for what runs on it.',
  'cloud/image': 'Every image exists once, is active and fits its flavor.',
  'cloud/zone': 'Every availability zone exists.',
  'cloud/key-pair': 'Every key pair exists.',
  'cloud/volume-type': 'Every volume type, and every zone that volumes are to be in, exists.',
  'cloud/network': 'Networks, subnets, routers and floating IPs that are named exist; the external network is the only one where none is named.',
  'cloud/load-balancer': "The load balancer's provider, flavor and zone exist.",
  'cloud/foreign-resource': 'Nothing that belongs to somebody else has a name that Cluster API looks up.',
} as const;
