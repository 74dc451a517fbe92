/**
 * Clusters as Cluster API and our operator see them. Phases and conditions come from the operator's cache of Clusters
 * (provisioner/operators/monitoring/fleet-metrics.ts); both replicas may show them, so everything here is a maximum over replicas.
 *
 * While a cluster is made, changed or deleted, what goes away there goes as intended: three alerts that nobody is told of hide
 * the others (routes/causes.ts). They end after 45 minutes, and a page says that it takes too long.
 */
import { alertsIn, clusterText as cluster, type Rule } from '../model.ts';

/** How long what is under way may hide what it causes; then it counts as stuck. */
export const patienceSeconds = 45 * 60;
/** What an upgrade has moved settles within so long; pods of the last node are placed and probed. */
const settlesSeconds = 10 * 60;

const alert = alertsIn('lifecycle', { hiddenBy: ['cloud'] });
const silent = alertsIn('lifecycle', { hiddenBy: [] });
const by = 'cluster_id, organization';

const inPhase = (phase: string): string => `max by (${by}, phase) (keelson_cluster_info{phase="${phase}"})`;
const ageOf = (phase: string): string => `time() - max by (cluster_id) (keelson_cluster_phase_since_timestamp_seconds{phase="${phase}"})`;
const young = (phase: string, seconds = patienceSeconds): string => `${inPhase(phase)} and on (cluster_id) ${ageOf(phase)} < ${seconds}`;
const old = (phase: string): string => `(${inPhase(phase)} * 0 + on (cluster_id) group_left () (${ageOf(phase)})) > ${patienceSeconds}`;
const condition = (type: string, status: string, more = ''): string => `max by (${by}, reason) (keelson_cluster_condition{type="${type}",status="${status}"${more}})`;
const why = '{{ $labels.reason }}';

export const lifecycleAlerts: readonly Rule[] = [
  silent({ alert: 'ClusterCreating', for: '0s', severity: 'none', expr: young('creating'), summary: `${cluster} is being made`, description: `Cluster ${cluster} is being made; what is missing there is not there yet.` }),
  silent({ alert: 'ClusterUpgrading', for: '0s', severity: 'none', expr: `${young('upgrading')} or ${young('running', settlesSeconds)}`, summary: `${cluster} is being changed, or was until just now`, description: `Cluster ${cluster} gets other machines one by one, or got the last of them within ten minutes; those that go are missed.` }),
  silent({ alert: 'ClusterDeleting', for: '0s', severity: 'none', expr: young('deleting'), summary: `${cluster} is being deleted`, description: `Cluster ${cluster} is being deleted; what goes there goes on purpose.` }),
  alert({
    alert: 'ClusterCreationStuck', for: '0s', severity: 'notify', expr: old('creating'),
    summary: `${cluster} has been in the making for {{ humanizeDuration $value }}`,
    description: `Cluster ${cluster} of {{ $labels.organization }} was asked for {{ humanizeDuration $value }} ago and is not there yet; ten minutes are usual.`,
  }),
  alert({
    alert: 'ClusterUpgradeStuck', for: '0s', severity: 'page', expr: old('upgrading'),
    summary: `${cluster} has been changing its machines for {{ humanizeDuration $value }}`,
    description: `Cluster ${cluster} of {{ $labels.organization }} began to change its machines {{ humanizeDuration $value }} ago and has not ended. While it is under way no machine is repaired, and its control plane may be one member short.`,
    impact: 'nobody yet, as a rule: the cluster has less room, and maybe a control plane with one member less',
  }),
  alert({
    alert: 'ClusterDeletionStuck', for: '0s', severity: 'notify', expr: old('deleting'),
    summary: `${cluster} has been in deletion for {{ humanizeDuration $value }}`,
    description: `Cluster ${cluster} of {{ $labels.organization }} was to be deleted {{ humanizeDuration $value }} ago and is still there: something of it is left in the cloud, or something waits.`,
  }),
  alert({
    alert: 'ClusterNotAvailable', for: '15m', severity: 'page', hiddenBy: ['cloud', 'lifecycle'], expr: condition('Available', 'False'),
    summary: `${cluster} is not available: ${why}`,
    description: `Cluster API says that cluster ${cluster} of {{ $labels.organization }} is not available (${why}): its control plane, or too many of its workers, do not do their work.`,
    impact: 'those who work in the cluster, or use what runs there',
  }),
  alert({
    alert: 'ClusterTopologyNotReconciled', for: '30m', severity: 'notify', hiddenBy: ['cloud', 'lifecycle'], expr: condition('TopologyReconciled', 'False'),
    summary: `${cluster}: what was asked for is not carried out: ${why}`,
    description: `Cluster API does not carry out what the Cluster ${cluster} of {{ $labels.organization }} says (${why}): no change reaches its machines.`,
  }),
  alert({
    alert: 'ControlPlaneMachinesNotReady', for: '30m', severity: 'notify', hiddenBy: ['cloud', 'lifecycle'], expr: condition('ControlPlaneMachinesReady', 'False'),
    summary: `${cluster}: not all control plane machines are ready`,
    description: `Not all machines of the control plane of cluster ${cluster} of {{ $labels.organization }} are ready (${why}), and none has been replaced for half an hour.`,
  }),
  alert({
    alert: 'WorkerMachinesNotReady', for: '30m', severity: 'notify', hiddenBy: ['cloud', 'lifecycle'], expr: condition('WorkerMachinesReady', 'False'),
    summary: `${cluster}: not all worker machines are ready`,
    description: `Not all worker machines of cluster ${cluster} of {{ $labels.organization }} are ready (${why}), and health checks have not replaced them for half an hour.`,
  }),
  alert({
    alert: 'ClusterNotReachedByClusterApi', for: '10m', severity: 'notify', hiddenBy: ['cloud', 'lifecycle', 'controlPlane'], expr: condition('RemoteConnectionProbe', 'False'),
    summary: `${cluster}: Cluster API does not reach its API server`,
    description: `Cluster API has not reached the API server of cluster ${cluster} of {{ $labels.organization }} for ten minutes: machines there are neither judged nor drained.`,
  }),
  alert({
    alert: 'ClusterPaused', for: '24h', severity: 'ticket', expr: condition('Paused', 'True'),
    summary: `${cluster} has been paused for a day`,
    description: `Cluster ${cluster} of {{ $labels.organization }} has been paused for a day: nothing there is repaired, changed or deleted until somebody ends it.`,
  }),
  alert({
    alert: 'ClusterPreflightRefused', for: '15m', severity: 'ticket', expr: condition('keelson.dev/PreflightPassed', 'False'),
    summary: `${cluster}: the cloud lacks what it needs: ${why}`,
    description: `Cluster ${cluster} of {{ $labels.organization }} waits to be made or upgraded, because its cloud lacks something (${why}); the condition names it.`,
  }),
  alert({
    alert: 'ClusterCredentialMissing', for: '15m', severity: 'notify', expr: condition('keelson.dev/CredentialReady', 'False'),
    summary: `${cluster} gets no credential of its own: ${why}`,
    description: `For cluster ${cluster} of {{ $labels.organization }} no application credential can be made (${why}); when the one it has ends, load balancers and volumes are not made any more.`,
  }),
];
