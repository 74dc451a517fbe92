/** One page on a cluster that is being made, changed or deleted: what is there, what is on its way, what it waits for. Pure. */
import { annotations } from '../../../api/labels.ts';
import type { Condition, KubeObject } from '../../../kube/index.ts';

/** Objects of one Cluster, as the API server has them. */
export interface ClusterObjects {
  readonly cluster: KubeObject;
  readonly controlPlane: KubeObject | undefined;
  readonly groups: readonly KubeObject[];
  readonly machines: readonly KubeObject[];
  readonly apps: readonly KubeObject[];
}

export interface ClusterPage {
  readonly cluster: string;
  readonly phase: 'being made' | 'available' | 'changing' | 'being deleted' | 'not available';
  readonly version: { readonly wanted: string; readonly controlPlane: string | undefined };
  readonly parts: readonly { readonly name: string; readonly wanted: number; readonly upToDate: number; readonly ready: number }[];
  readonly machines: readonly { readonly name: string; readonly role: string; readonly version: string; readonly zone: string; readonly phase: string; readonly isReady: boolean }[];
  /** Without those that are left out on purpose. */
  readonly apps: { readonly ready: number; readonly all: number };
  /** Conditions that are not as they should be, the Cluster's own words. */
  readonly waitsFor: readonly { readonly type: string; readonly reason: string; readonly message: string }[];
}

interface Replicas {
  readonly replicas?: number;
  readonly desiredReplicas?: number;
  readonly upToDateReplicas?: number;
  readonly readyReplicas?: number;
}
interface Status extends Replicas {
  readonly conditions?: readonly Condition[];
  readonly version?: string;
  readonly phase?: string;
}
interface Spec {
  readonly replicas?: number;
  readonly version?: string;
  readonly failureDomain?: string;
  readonly topology?: { readonly version?: string };
}

/** What says that something goes on or is wrong while it is True; all others while they are not. */
const bad = /^(RollingOut|ScalingUp|ScalingDown|Remediating|Deleting|Paused)$/;
/** Sums of others, which would say everything twice. */
const sums = new Set(['Available', 'keelson.dev/AppsReady']);

export function clusterPage({ cluster, controlPlane, groups, machines, apps: declared }: ClusterObjects): ClusterPage {
  const apps = declared.filter(({ metadata }) => metadata.annotations?.[annotations.leftOut] === undefined);
  const { metadata } = cluster;
  const conditions = statusOf(cluster).conditions ?? [];
  const is = (type: string): boolean => conditions.some((one) => one.type === type && one.status === 'True');
  const waitsFor = conditions.filter((one) => (bad.test(one.type) ? one.status === 'True' : one.status !== 'True') && one.message !== '' && !(sums.has(one.type) && conditions.some((other) => !sums.has(other.type) && other.status !== 'True' && !bad.test(other.type))));
  const wanted = specOf(cluster).topology?.version ?? '';
  const running = controlPlane && statusOf(controlPlane).version;
  const isChanging = is('RollingOut') || is('ScalingUp') || is('ScalingDown') || (running !== undefined && running !== wanted);
  return {
    cluster: `${metadata.namespace ?? ''}/${metadata.name}`,
    phase: metadata.deletionTimestamp !== undefined ? 'being deleted' : !is('ControlPlaneInitialized') ? 'being made' : isChanging ? 'changing' : is('Available') ? 'available' : 'not available',
    version: { wanted, controlPlane: running },
    parts: [...(controlPlane ? [part('control plane', controlPlane)] : []), ...groups.map((group) => part(`workers ${group.metadata.labels?.['topology.cluster.x-k8s.io/deployment-name'] ?? group.metadata.name}`, group))],
    machines: machines.map(machine).toSorted((a, b) => a.role.localeCompare(b.role) || a.name.localeCompare(b.name)),
    apps: { ready: apps.filter((app) => isTrue(app, 'Ready')).length, all: apps.length },
    waitsFor: waitsFor.map(({ type, reason, message }) => ({ type, reason, message })),
  };
}

const statusOf = (object: KubeObject): Status => (object['status'] ?? {}) as Status;
const specOf = (object: KubeObject): Spec => (object['spec'] ?? {}) as Spec;
const isTrue = (object: KubeObject, type: string): boolean => statusOf(object).conditions?.some((one) => one.type === type && one.status === 'True') === true;

function part(name: string, object: KubeObject): ClusterPage['parts'][number] {
  const { upToDateReplicas = 0, readyReplicas = 0 } = statusOf(object);
  return { name, wanted: specOf(object).replicas ?? 0, upToDate: upToDateReplicas, ready: readyReplicas };
}

function machine(object: KubeObject): ClusterPage['machines'][number] {
  const { version = '', failureDomain = '' } = specOf(object);
  const role = object.metadata.labels?.['cluster.x-k8s.io/control-plane'] === undefined ? (object.metadata.labels?.['topology.cluster.x-k8s.io/deployment-name'] ?? 'worker') : 'control plane';
  return { name: object.metadata.name, role, version, zone: failureDomain, phase: statusOf(object).phase ?? 'Pending', isReady: isTrue(object, 'Ready') };
}

/** For a terminal. */
export function pageText({ cluster, phase, version, parts, machines, apps, waitsFor }: ClusterPage): string {
  const versions = version.controlPlane === undefined || version.controlPlane === version.wanted ? version.wanted : `${version.controlPlane} → ${version.wanted}`;
  const columns = machines.map(({ name, role, version: of, zone, phase: now, isReady }) => [name, role, of, zone, isReady ? now : `${now}, not ready`]);
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(0, ...columns.map((row) => (row[i] ?? '').length)));
  return `${[
    `Cluster ${cluster} is ${phase}, Kubernetes ${versions}`,
    ...parts.map(({ name, wanted, upToDate, ready }) => `  ${name}: ${wanted} wanted, ${upToDate} as they should be, ${ready} ready`),
    ...(apps.all > 0 ? [`  apps: ${apps.ready} of ${apps.all} ready`] : []),
    ...(columns.length > 0 ? ['', ...columns.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd())] : []),
    ...(waitsFor.length > 0 ? ['', 'Waits for', ...waitsFor.map(({ type, reason, message }) => `  ${type} (${reason}): ${message.replaceAll(/\s*\n\s*/g, ' ')}`)] : []),
  ].join('\n')}\n`;
}
