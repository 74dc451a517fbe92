/** Keeps count of what each organization has, and looks after its credentials. Counting follows events and reads caches alone; clouds, which send no events, are asked once an hour. */
import { organizationIdentitiesReady, organizationWithinQuota } from '../../api/conditions.ts';
import { labels } from '../../api/labels.ts';
import { organizationNamespace, organizationOf } from '../../api/names.ts';
import type { Organization } from './organization-object.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, type KubeObject, type ReconcileResult, type Request, source } from '../../kube/index.ts';
import { type Cluster, isDeleting } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import type { Organizations } from './controller.ts';
import { type Checked, checkIdentities, earlierOwner } from './identities.ts';
import { report } from './report.ts';
import { asStatus, quotaVerdict, type ScaledMachines, usageOf } from './usage.ts';

export interface UsageControllerOptions {
  readonly context: OperatorContext;
  readonly organizations: Organizations;
  readonly clusters: ChangeSource<Cluster> & { items(): Cluster[] };
  readonly deployments: ChangeSource<ScaledMachines> & { items(): ScaledMachines[] };
  readonly controlPlanes: ChangeSource<ScaledMachines> & { items(): ScaledMachines[] };
}

/** How long a good answer of a cloud holds, which tells nobody when it changes: flavors do rarely, and a credential that stops working is found by the clusters that have it. */
const verifiedMs = 3_600_000;
/** How soon a cloud is asked again that gave no good answer: soon where its Secret may be on its way, ever more rarely where nobody mends it. */
const retry = { firstMs: 5_000, longestMs: 600_000 } as const;

interface Known extends Checked {
  readonly question: string;
  /** Infinity: until an event. */
  readonly untilMs: number;
  /** Answers in a row that were not good. */
  readonly failures: number;
}

export function organizationUsageController(o: UsageControllerOptions): Controller {
  const { context, organizations } = o;
  const known = new Map<string, Known>();
  return new Controller({
    ...context,
    workers: 4,
    name: 'organization-usage',
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 1000, maxMs: 60_000 }),
    sources: [
      source({ reflector: organizations, isRelevant: isNews, keys: (organization) => sharers(organization, organizations.items()) }),
      source({ reflector: o.clusters, isRelevant: ({ old, object, type }) => type !== 'modified' || old?.metadata.generation !== object.metadata.generation, keys: ofNamespace }),
      ...[o.deployments, o.controlPlanes].map((reflector) => source<ScaledMachines>({ reflector, isRelevant: ({ old, object, type }) => type !== 'modified' || old?.spec?.replicas !== object.spec?.replicas, keys: ofNamespace })),
    ],
    reconcile: (request, signal) => reconcile(o, known, request, signal),
  });
}

async function reconcile(o: UsageControllerOptions, known: Map<string, Known>, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const { context, organizations } = o;
  const organization = organizations.get(request);
  if (!organization) return void known.delete(request.name);
  if (isDeleting(organization)) return;
  const { flavors, verdict, untilMs } = await identitiesOf(o, known, organization, signal);
  const namespace = organizationNamespace(request.name);
  const clusters = o.clusters.items().filter(({ metadata }) => metadata.namespace === namespace);
  const sizes = flavors ?? organization.status?.flavors;
  const used = usageOf(clusters, [...o.deployments.items(), ...o.controlPlanes.items()], sizes);
  await report(context, organization, {
    manager: 'keelson-organization-usage',
    status: { used: asStatus(used), ...(sizes === undefined ? {} : { flavors: [...sizes] }) },
    conditions: [{ type: organizationIdentitiesReady.type, ...verdict }, { type: organizationWithinQuota.type, ...quotaVerdict(organization, used) }],
  }, signal);
  return untilMs === Infinity ? undefined : { requeueAfterMs: Math.max(1000, untilMs - context.clock.monotonicMs()) };
}

async function identitiesOf({ context, organizations }: UsageControllerOptions, known: Map<string, Known>, organization: Organization, signal: AbortSignal): Promise<Known> {
  const { name, uid } = organization.metadata;
  const taken = earlierOwner(organization, organizations.items());
  const question = JSON.stringify([uid, organization.spec.identities, taken]);
  const before = known.get(name);
  const now = context.clock.monotonicMs();
  if (before?.question === question && before.untilMs > now) return before;
  const checked: Checked = taken
    ? { flavors: undefined, verdict: { status: 'False', reason: 'ProjectTaken', message: `project ${taken.project} belongs to organization ${taken.owner}, which declared it first` } }
    : await checkIdentities(context.client, organization, signal);
  // A project that is somebody else's and a list that is empty change with an Organization, which is an event.
  const isSettled = taken !== undefined || checked.verdict.reason === 'NoIdentity';
  const isGood = isSettled || checked.verdict.status === 'True';
  const failures = isGood ? 0 : (before?.question === question ? before.failures : 0) + 1;
  const holdsMs = isSettled ? Infinity : isGood ? verifiedMs : Math.min(retry.longestMs, retry.firstMs * 2 ** (failures - 1));
  const answer = { ...checked, question, failures, untilMs: now + holdsMs };
  known.set(name, answer);
  return answer;
}

function isNews({ type, old, object }: Change<Organization>): boolean {
  return type !== 'modified' || !old || old.metadata.generation !== object.metadata.generation;
}

/** The organization, and those that wait for one of its projects. */
function sharers({ metadata, spec }: Organization, all: readonly Organization[]): string[] {
  const projects = new Set(spec.identities.map(({ project }) => project));
  return [metadata.name, ...all.filter((other) => other.metadata.name !== metadata.name && other.spec.identities.some(({ project }) => projects.has(project))).map((other) => other.metadata.name)];
}

function ofNamespace({ metadata }: KubeObject): string[] {
  const name = organizationOf(metadata.namespace ?? '');
  return name === undefined ? [] : [name];
}

/** What the caches keep of a MachineDeployment and of a KubeadmControlPlane. */
export function trimmedMachines({ apiVersion, kind, metadata, spec }: ScaledMachines): ScaledMachines {
  const { name, namespace, uid, resourceVersion, labels: all } = metadata;
  return {
    apiVersion, kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(all?.[labels.clusterName] === undefined ? {} : { labels: all }) },
    spec: { ...(spec?.replicas === undefined ? {} : { replicas: spec.replicas }) },
  };
}
