/**
 * What a change of a Cluster does to its machines: pure, from what the class makes of it before and after. Cluster API replaces machines
 * when a template or a version changes, and Machines of a group whose failure domain does; everything else stays.
 */
import { systemNamespace } from '../api/names.ts';
import { asObject, type PreflightCluster, valuesOf, type WorkerGroup } from '../preflight/cluster.ts';
import { type ClassVersion, classVersions } from '../topology/class/versions.ts';
import { type Fields, render, type Rendered } from './request.ts';

export type Action = 'keep' | 'change' | 'scale' | 'roll' | 'create' | 'delete' | 'refuse';

export interface Step {
  /** "cluster", "control plane", "workers az1". */
  readonly part: string;
  readonly action: Action;
  /** Machines that are made, replaced or deleted. */
  readonly machines: number;
  /** For a person: "one after the other, three become four meanwhile". */
  readonly how: string;
  /** Fields that differ, the first few of them. */
  readonly because: readonly string[];
}

export interface PlanInput {
  /** Absent for a Cluster that is to be made. */
  readonly before: PreflightCluster | undefined;
  readonly after: PreflightCluster;
  /** Settings of the ExtensionConfig, which decide a little of the output. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What classes make. Default: the versions of this release. */
  readonly versions?: readonly ClassVersion[];
}

/** In the order in which Cluster API acts. @throws ApiError VARIABLE_INVALID */
export function plan({ before, after, settings = {}, versions = classVersions }: PlanInput): Step[] {
  const now = after.spec?.topology;
  if (!before) return [step('cluster', 'create', { how: 'network, router, load balancer, security groups, bastion' }), step('control plane', 'create', { machines: replicasOf(now?.controlPlane) }), ...groupsOf(after).map((group) => step(`workers ${group.name}`, 'create', { machines: replicasOf(group) }))];
  const [old, its] = [before, after].map((cluster) => versions.find(({ name }) => classOf(cluster) === `${systemNamespace}/${name}`));
  if (!old || !its) return unknownClass(before, after);
  const [from, to] = [render(before, old, settings), render(after, its, settings)];
  const steps = [infrastructure({ ...from.cluster, ...routesOf(before) }, { ...to.cluster, ...routesOf(after) }), controlPlane(before, after, { from, to }), ...workers(before, after, { from, to })];
  return old === its ? steps : steps.map((one) => (one.because.length === 0 ? one : { ...one, because: [`class ${old.name} → ${its.name}`, ...one.because] }));
}

/**
 * A class that this release does not make: it cannot know what rolls, so count on everything. What Cluster API lets a new
 * class change: https://cluster-api.sigs.k8s.io/tasks/experimental-features/cluster-class/change-clusterclass
 */
function unknownClass(before: PreflightCluster, after: PreflightCluster): Step[] {
  const because = [`class ${classOf(before)} → ${classOf(after)}`];
  const how = 'count on it: only the Keelson that publishes a class knows what it makes';
  return [
    step('cluster', 'change', { because, how: 'Cluster API refuses a class whose templates are of other kinds' }),
    step('control plane', 'roll', { machines: replicasOf(after.spec?.topology?.controlPlane), because, how }),
    ...groupsOf(after).map((group) => step(`workers ${group.name}`, 'roll', { machines: replicasOf(group), because, how })),
  ];
}

const classOf = ({ metadata, spec }: PreflightCluster): string => {
  const { name = 'none', namespace = metadata.namespace ?? 'default' } = spec?.topology?.classRef ?? {};
  return `${namespace}/${name}`;
};
const groupsOf = (cluster: PreflightCluster): readonly WorkerGroup[] => cluster.spec?.topology?.workers?.machineDeployments ?? [];
const replicasOf = (group: { readonly replicas?: number } | undefined): number => group?.replicas ?? 1;
const step = (part: string, action: Action, o: { machines?: number; how?: string; because?: readonly string[] } = {}): Step => ({ part, action, machines: o.machines ?? 0, how: o.how ?? '', because: o.because ?? [] });

/** Fields of an OpenStackCluster that CAPO 0.14 lets change (pkg/webhooks/openstackcluster_webhook.go); all others it refuses, and the topology stands still. */
const mutable = /^(identityRef|bastion|routes|managedSecurityGroups|controlPlaneAvailabilityZones|controlPlaneOmitAvailabilityZone|apiServerLoadBalancer\.(allowedCIDRs|monitor)|managedSubnets(\[\d+\])?\.dnsNameservers)\b/;

/** In no template: the operator keeps them in the router. */
const routesOf = ({ spec }: PreflightCluster): Fields => ({ routes: asObject(valuesOf(spec?.topology?.variables)['network'])['routes'] ?? [] });

function infrastructure(from: Fields, to: Fields): Step {
  const because = differences(from, to);
  const refused = because.filter((path) => !mutable.test(path));
  if (refused.length > 0) return step('cluster', 'refuse', { how: 'CAPO refuses to change these; the cluster would have to be made anew', because: refused });
  return step('cluster', because.length > 0 ? 'change' : 'keep', { because, how: because.length > 0 ? 'in place, no machine is touched' : '' });
}

interface Both {
  readonly from: Rendered;
  readonly to: Rendered;
}

function controlPlane(before: PreflightCluster, after: PreflightCluster, { from, to }: Both): Step {
  // When machines are replaced before their certificates end is no part of a machine.
  const spec = ({ rollout: _, ...machine }: Fields): Fields => machine;
  const because = [...version(before, after), ...differences(spec(from.controlPlane), spec(to.controlPlane)), ...differences(from.controlPlaneMachine, to.controlPlaneMachine)];
  const [was, is] = [replicasOf(before.spec?.topology?.controlPlane), replicasOf(after.spec?.topology?.controlPlane)];
  if (because.length > 0) return step('control plane', 'roll', { machines: Math.max(was, is), because, how: `one after the other, a new one before an old one goes${was === is ? '' : `; ${was} become ${is}`}` });
  if (was !== is) return step('control plane', 'scale', { machines: Math.abs(is - was), how: `${was} become ${is}, one after the other` });
  const inPlace = differences(from.controlPlane, to.controlPlane);
  return step('control plane', inPlace.length > 0 ? 'change' : 'keep', { because: inPlace, how: inPlace.length > 0 ? 'in place, no machine is touched' : '' });
}

function workers(before: PreflightCluster, after: PreflightCluster, { from, to }: Both): Step[] {
  const old = new Map(groupsOf(before).map((group) => [group.name, group]));
  const gone = groupsOf(before).filter(({ name }) => !groupsOf(after).some((group) => group.name === name));
  return [
    ...groupsOf(after).map((group) => {
      const was = old.get(group.name);
      const part = `workers ${group.name}`;
      if (!was) return step(part, 'create', { machines: replicasOf(group) });
      const because = [
        ...version(before, after), ...(was.failureDomain === group.failureDomain ? [] : [`failureDomain ${was.failureDomain ?? 'none'} → ${group.failureDomain ?? 'none'}`]),
        ...differences(from.groups[group.name]?.config, to.groups[group.name]?.config), ...differences(from.groups[group.name]?.machine, to.groups[group.name]?.machine),
      ];
      const [had, has] = [replicasOf(was), replicasOf(group)];
      const change = had === has ? '' : `${had} become ${has}`;
      if (because.length > 0 && had > 0) return step(part, 'roll', { machines: Math.max(had, has), because, how: ['one after the other, after the control plane', change].filter(Boolean).join('; ') });
      return change ? step(part, 'scale', { machines: Math.abs(has - had), how: change }) : step(part, 'keep');
    }),
    ...gone.map((group) => step(`workers ${group.name}`, 'delete', { machines: replicasOf(group), how: 'drained, then deleted' })),
  ];
}

function version(before: PreflightCluster, after: PreflightCluster): string[] {
  const [was, is] = [before.spec?.topology?.version, after.spec?.topology?.version];
  return was === is ? [] : [`version ${was} → ${is}`];
}

/** Paths at which two values differ, as deep as both are objects: "kubeadmConfigSpec.files[3].content". */
export function differences(a: unknown, b: unknown, path = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const [left, right] = [children(a), children(b)];
  if (!left || !right || Array.isArray(a) !== Array.isArray(b)) return [path || 'everything'];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => differences(left[key], right[key], Array.isArray(a) ? `${path}[${key}]` : path ? `${path}.${key}` : key));
}

const children = (value: unknown): Record<string, unknown> | undefined => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined);
