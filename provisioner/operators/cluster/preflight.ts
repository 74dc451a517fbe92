/** Checks a Cluster against its cloud whenever its spec changed, and leaves the verdict for the hooks and, as a condition, for people. */
import { createHash } from 'node:crypto';
import { clusterPreflightPassed, type Reason } from '../../api/conditions.ts';
import { type PreflightVerdict, readVerdict, verdictAnnotation } from '../../api/preflight-verdict.ts';
import { type Condition, isKubeError, resources, timestamp } from '../../kube/index.ts';
import type { RunningVersions } from '../../preflight/checks/versions.ts';
import { credentials, preflight, type PreflightOutcome } from '../../preflight/preflight.ts';
import { about, type ClusterFinding } from '../../preflight/finding.ts';
import { runningVersions } from '../../preflight/running.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import { CloudError } from '../../openstack/index.ts';
import { type CloudAccess, cloudAccess } from './cloud-access.ts';
import { reportCondition } from './report.ts';
import type { WholeCluster } from './whole-cluster.ts';

/** @throws CloudError where the cloud does not answer */
export type Prepare = (access: CloudAccess) => Promise<readonly ClusterFinding[]>;

type Result = Pick<PreflightVerdict, 'result' | 'message'> & { readonly reason: Reason<typeof clusterPreflightPassed> };

/** How soon the cloud is asked again while something waits for a better answer. */
const retryMs = 30_000;
/** Annotations may hold 256 KiB together; more than this nobody reads. */
const longestMessage = 4096;

/**
 * @param prepare makes what has to be there before Cluster API begins; what it cannot make is a finding too. Called when the checks have passed.
 * @returns when to look again; undefined while nothing waits
 */
export async function checkCloud(context: OperatorContext, cluster: WholeCluster, prepare: Prepare, signal: AbortSignal): Promise<number | undefined> {
  const generation = cluster.metadata.generation ?? 0;
  const known = readVerdict(cluster.metadata.annotations);
  const running = await runningVersions(cluster, context.client, signal);
  const digest = digestOf(cluster, running);
  if (known?.digest === digest && known.result === 'passed') {
    // Cluster API writes references into the spec: nothing that was checked has changed.
    if (known.generation !== generation) await write(context, cluster, { ...known, generation }, signal);
    return undefined;
  }
  const isAwaited = running === undefined || running.controlPlane !== cluster.spec?.topology?.version;
  // Nothing waits for a better answer, and this one was given: what is missing was said.
  if (!isAwaited && known?.digest === digest && known.generation === generation && known.result === 'refused') return undefined;
  const { result, reason, message } = await judge(context, cluster, { running, prepare }, signal);
  await write(context, cluster, { generation, result, message, digest, checkedAt: timestamp(context.clock.now()) }, signal);
  const status: Condition['status'] = result === 'passed' ? 'True' : result === 'refused' ? 'False' : 'Unknown';
  await reportCondition(context, cluster, { type: clusterPreflightPassed.type, status, reason, message }, signal);
  return result === 'passed' || (result === 'refused' && !isAwaited) ? undefined : retryMs;
}

async function judge(context: OperatorContext, cluster: WholeCluster, { running, prepare }: { running: RunningVersions | undefined; prepare: Prepare }, signal: AbortSignal): Promise<Result> {
  try {
    const access = await cloudAccess(context.client, cluster, signal);
    try {
      const result = resultOf(await preflight({ cluster, session: access.session, running, signal }));
      if (result.result !== 'passed') return result;
      const findings = await prepare(access);
      return resultOf({ kind: 'checked', findings: findings.map((finding) => about(cluster, finding)) });
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      return { result: 'unreachable', reason: 'CloudUnreachable', message: error.message };
    } finally {
      access.session.close();
    }
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const { message, path, fix } = about(cluster, credentials(error));
    return { result: 'refused', reason: 'CloudSecretInvalid', message: `${path}: ${message}; ${fix}` };
  }
}

export function resultOf(outcome: PreflightOutcome): Result {
  const said = (wanted: 'error' | 'warning'): string[] => outcome.findings.filter(({ severity }) => severity === wanted).map(({ path, message, fix }) => `${path}: ${message}; ${fix}`);
  const errors = said('error');
  const text = errors.join('\n').slice(0, longestMessage);
  if (outcome.kind === 'unreachable') return { result: 'unreachable', reason: 'CloudUnreachable', message: [outcome.message, text].filter(Boolean).join('\n') };
  const passed = ['the cloud has what the cluster needs', ...said('warning')].join('\n').slice(0, longestMessage);
  return errors.length === 0 ? { result: 'passed', reason: 'Passed', message: passed } : { result: 'refused', reason: 'Refused', message: text };
}

/** Of everything the checks read in the management cluster. */
function digestOf({ spec }: WholeCluster, running: RunningVersions | undefined): string {
  return createHash('sha256').update(JSON.stringify([spec?.topology, spec?.clusterNetwork, running])).digest('hex').slice(0, 16);
}

/** A Cluster that is gone meanwhile needs none. */
async function write({ client }: OperatorContext, cluster: WholeCluster, verdict: PreflightVerdict, signal: AbortSignal): Promise<void> {
  const { namespace = '', name } = cluster.metadata;
  try {
    await client.patch(resources.clusters, { namespace, name }, { type: 'merge', body: { metadata: { annotations: verdictAnnotation(verdict) } }, fieldManager: 'keelson-cluster', signal });
  } catch (error) {
    if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
  }
}
