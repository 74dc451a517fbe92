/** Keeps count of what each organization has, and looks after its credentials. Counting follows events; clouds are asked once an hour. */
import { organizationIdentitiesReady, organizationWithinQuota } from '../../api/conditions.ts';
import { labels } from '../../api/labels.ts';
import { organizationNamespace, organizationOf } from '../../api/names.ts';
import type { Organization } from './organization-object.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, type KubeObject, type ReconcileResult, type Request, resources, source } from '../../kube/index.ts';
import type { PreflightCluster } from '../../preflight/cluster.ts';
import { type Cluster, isDeleting } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import type { Organizations } from './controller.ts';
import { type Checked, checkIdentities, earlierOwner } from './identities.ts';
import { report } from './report.ts';
import { asStatus, type MachineDeployment, quotaVerdict, usageOf } from './usage.ts';

export interface UsageControllerOptions {
  readonly context: OperatorContext;
  readonly organizations: Organizations;
  readonly clusters: ChangeSource<Cluster>;
  readonly deployments: ChangeSource<MachineDeployment> & { items(): MachineDeployment[] };
}

/** How long an answer of a cloud holds: flavors change rarely, and a credential that stops working is found by the clusters that have it. */
const verifiedMs = 3_600_000;
/** How soon a cloud is asked again that gave no good answer: soon where its Secret may be on its way, ever more rarely where nobody mends it. */
const retry = { firstMs: 5_000, longestMs: 600_000 } as const;

interface Known extends Checked {
  readonly question: string;
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
      source<MachineDeployment>({ reflector: o.deployments, isRelevant: ({ old, object, type }) => type !== 'modified' || old?.spec?.replicas !== object.spec?.replicas, keys: ofNamespace }),
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
  const { items } = await context.client.list<PreflightCluster & KubeObject>(resources.clusters, { namespace: organizationNamespace(request.name), signal });
  const sizes = flavors ?? organization.status?.flavors;
  const used = usageOf(items, o.deployments.items(), sizes);
  await report(context, organization, {
    manager: 'keelson-organization-usage',
    status: { used: asStatus(used), ...(sizes === undefined ? {} : { flavors: [...sizes] }) },
    conditions: [{ type: organizationIdentitiesReady.type, ...verdict }, { type: organizationWithinQuota.type, ...quotaVerdict(organization, used) }],
  }, signal);
  return { requeueAfterMs: Math.max(1000, untilMs - context.clock.monotonicMs()) };
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
  const isSettled = checked.verdict.status === 'True' || taken !== undefined || checked.verdict.reason === 'NoIdentity';
  const failures = isSettled ? 0 : (before?.question === question ? before.failures : 0) + 1;
  const holdsMs = isSettled ? verifiedMs : Math.min(retry.longestMs, retry.firstMs * 2 ** (failures - 1));
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

/** What the cache keeps of a MachineDeployment. */
export function trimmedDeployment({ apiVersion, kind, metadata, spec }: MachineDeployment): MachineDeployment {
  const { name, namespace, uid, resourceVersion, labels: all } = metadata;
  return {
    apiVersion, kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(all?.[labels.clusterName] === undefined ? {} : { labels: all }) },
    spec: { ...(spec?.replicas === undefined ? {} : { replicas: spec.replicas }) },
  };
}
