/** All checks of one Cluster against its cloud: the same for the hooks, which wait for the operator's verdict, and for `keelson preflight`. */
import type { Finding } from '../../policies/findings/finding.ts';
import { ApiError } from '../api/errors.ts';
import { cloudIdentity, clusterTag } from '../api/names.ts';
import { CloudError, type Session } from '../openstack/index.ts';
import { foreignResources, roles } from './checks/access.ts';
import { existence } from './checks/existence.ts';
import { quotas } from './checks/quota.ts';
import { ranges } from './checks/ranges.ts';
import { type RunningVersions, versions } from './checks/versions.ts';
import { claims, spread } from './checks/zones.ts';
import { type CloudView, viewCloud } from './cloud-view.ts';
import type { PreflightCluster } from './cluster.ts';
import { type Demand, demandOf } from './demand.ts';
import { about, type ClusterFinding } from './finding.ts';

export interface PreflightInput {
  readonly cluster: PreflightCluster;
  /** Logged in with the credentials of the cluster's cloud. */
  readonly session: Session;
  /** What runs already; absent for a cluster that is still to be made. */
  readonly running?: RunningVersions | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type PreflightOutcome =
  /** Every finding there is; none means that the cluster can be made. */
  | { readonly kind: 'checked'; readonly findings: readonly Finding[] }
  /** The cloud gave no answer: nothing is known, and asking again makes sense. `findings` are those that need no cloud. */
  | { readonly kind: 'unreachable'; readonly message: string; readonly retryAfterMs: number; readonly findings: readonly Finding[] };

const retryMs = 30_000;

/** Takes as long as the cloud's slowest answers; the session's deadlines bound it. Throws only what is a fault of ours. */
export async function preflight(input: PreflightInput): Promise<PreflightOutcome> {
  const { cluster, session, signal } = input;
  // Groups of servers that inherit a field share what is wrong with it.
  const finish = (findings: readonly ClusterFinding[]): Finding[] => [...new Map(findings.map((finding) => [`${finding.path} ${finding.message}`, about(cluster, finding)])).values()];
  const demand = demandOrFinding(cluster);
  if ('rule' in demand) return { kind: 'checked', findings: finish([demand]) };
  const { namespace = 'default', name } = cluster.metadata;
  const tag = cloudIdentity(cluster.metadata) === '' ? undefined : clusterTag(cluster.metadata);
  const offline = [...versions(demand, input.running), ...ranges(demand, undefined)];
  try {
    const view = await viewCloud({ session, demand, cluster: { namespace, name }, tag, signal });
    return { kind: 'checked', findings: finish([...versions(demand, input.running), ...online(demand, view, tag)]) };
  } catch (error) {
    if (!(error instanceof CloudError)) throw error;
    if (isAnswer(error)) return { kind: 'checked', findings: finish([credentials(error), ...offline]) };
    return { kind: 'unreachable', message: error.message, retryAfterMs: error.retryAfterMs ?? retryMs, findings: finish(offline) };
  }
}

const online = (demand: Demand, view: CloudView, tag: string | undefined): ClusterFinding[] => [
  ...roles(demand, view), ...existence(demand, view), ...quotas(demand, view), ...foreignResources(tag, view), ...ranges(demand, view), ...spread(demand, view), ...claims(demand, view),
];

function demandOrFinding(cluster: PreflightCluster): Demand | ClusterFinding {
  try {
    return demandOf(cluster);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { rule: 'cluster/variables', severity: 'error', path: 'spec.topology.variables', message: error.message, fix: 'correct them; docs/reference/cluster-variables.md lists them' };
  }
}

/** A refusal that asking again does not change. An unknown application credential is a 404 to Keystone. */
const isAnswer = ({ code }: CloudError): boolean => ['CLOUD_UNAUTHORIZED', 'CLOUD_FORBIDDEN', 'CLOUD_NOT_FOUND', 'CLOUD_CONFIG', 'CLOUD_INVALID'].includes(code);

export const credentials = (error: Error): ClusterFinding => ({
  rule: 'cloud/credentials', severity: 'error', path: 'spec.topology.variables.cloud.identity', message: error.message,
  fix: 'correct clouds.yaml in the Secret; an application credential may have expired or been deleted',
});
