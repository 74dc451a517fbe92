/** The controller of Organizations: namespace, rights and bounds follow every change of the spec, and every change by somebody else, as its event arrives. */
import { organizationReady, type Reason } from '../../api/conditions.ts';
import { finalizers, labels } from '../../api/labels.ts';
import { organizationNamespace, organizationOf } from '../../api/names.ts';
import type { Organization } from './organization-object.ts';
import { type Change, type ChangeSource, Controller, ExponentialLimiter, type KubeObject, type ObjectRef, type ReconcileResult, type Request, resources, source } from '../../kube/index.ts';
import { type Cluster, isDeleting } from '../cluster.ts';
import type { OperatorContext } from '../context.ts';
import { boundsMs, fieldManager, type KnownBindings, OrganizationApplier, type Outcome } from './apply.ts';
import { deletionStep } from './deletion.ts';
import { holds } from './holds.ts';
import { report } from './report.ts';
import { type RoleBinding, wantedBindings, wantedNamespace } from './wanted.ts';

export interface Organizations extends ChangeSource<Organization> {
  get(ref: ObjectRef): Organization | undefined;
  items(): Organization[];
}

export interface OrganizationControllerOptions {
  readonly context: OperatorContext;
  readonly organizations: Organizations;
  /** Those with the label of an organization. */
  readonly namespaces: ChangeSource<KubeObject>;
  readonly bindings: ChangeSource<RoleBinding> & KnownBindings;
  readonly clusters: ChangeSource<Cluster>;
  /** Organizations worked on at a time, default 8: applying one is a dozen short calls. */
  readonly workers?: number;
  /** Within which bounds are written again though nothing has changed, default an hour. */
  readonly boundsMs?: number;
}

export function organizationController(o: OrganizationControllerOptions): Controller {
  const { context, organizations } = o;
  const applier = new OrganizationApplier(context, o.bindings, o.boundsMs);
  return new Controller({
    ...context,
    workers: o.workers ?? 8,
    name: 'organization',
    rateLimiter: new ExponentialLimiter({ random: context.random, baseMs: 200, maxMs: 60_000 }),
    sources: [
      source({ reflector: organizations, isRelevant: isNews }),
      source({ reflector: o.namespaces, keys: ofLabel, isRelevant: (change) => hasDrifted(change, organizations, wantedNamespace) }),
      source({ reflector: o.bindings, keys: ofLabel, isRelevant: (change) => hasDrifted(change, organizations, (organization) => wantedBindings(organization).find(({ metadata }) => metadata.name === change.object.metadata.name)) }),
      // Only an organization on its way out waits for its clusters.
      source({ reflector: o.clusters, keys: ofNamespace, isRelevant: ({ type }) => type === 'deleted' }),
    ],
    reconcile: (request, signal) => reconcile(o, applier, request, signal),
  });
}

async function reconcile({ context, organizations }: OrganizationControllerOptions, applier: OrganizationApplier, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const organization = organizations.get(request);
  if (!organization) return applier.forget(request.name);
  if (isDeleting(organization)) return leave(context, organization, signal);
  if (!organization.metadata.finalizers?.includes(finalizers.organization)) await setFinalizers(context, organization, [...(organization.metadata.finalizers ?? []), finalizers.organization], signal);
  try {
    const outcome = await applier.apply(organization, signal);
    await say(context, organization, verdictOn(organization, outcome), signal);
    return { requeueAfterMs: outcome.kind === 'applied' ? outcome.againMs : boundsMs };
  } catch (error) {
    if (!signal.aborted) await say(context, organization, { status: 'False', reason: 'ApplyFailed', message: error instanceof Error ? error.message : String(error) }, signal);
    throw error;
  }
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: Reason<typeof organizationReady>;
  readonly message: string;
}

function verdictOn({ metadata }: Organization, outcome: Outcome): Verdict {
  const namespace = organizationNamespace(metadata.name);
  switch (outcome.kind) {
    case 'applied': return { status: 'True', reason: 'Applied', message: `namespace ${namespace} is as declared` };
    case 'foreign': return { status: 'False', reason: 'NamespaceForeign', message: `namespace ${namespace} is there and was given to nobody: label it ${labels.organization}=${metadata.name} to hand it over with all that is in it, or choose another name` };
    case 'ending': return { status: 'False', reason: 'NamespaceEnding', message: `namespace ${namespace} is being deleted` };
  }
}

function say(context: OperatorContext, organization: Organization, verdict: Verdict, signal: AbortSignal): Promise<void> {
  const { generation, name } = organization.metadata;
  const status = { ...(generation === undefined ? {} : { observedGeneration: generation }), ...(verdict.reason === 'NamespaceForeign' ? {} : { namespace: organizationNamespace(name) }) };
  return report(context, organization, { manager: fieldManager, status, conditions: [{ type: organizationReady.type, ...verdict }] }, signal);
}

async function leave(context: OperatorContext, organization: Organization, signal: AbortSignal): Promise<void> {
  const { finalizers: held = [] } = organization.metadata;
  if (!held.includes(finalizers.organization)) return;
  const step = await deletionStep(context.client, organization, signal);
  if (step.kind === 'done') return setFinalizers(context, organization, held.filter((one) => one !== finalizers.organization), signal);
  return say(context, organization, { status: 'False', reason: step.kind, message: step.message }, signal);
}

async function setFinalizers({ client }: OperatorContext, { metadata }: Organization, wanted: readonly string[], signal: AbortSignal): Promise<void> {
  const body = { metadata: { finalizers: wanted, resourceVersion: metadata.resourceVersion } };
  await client.patch(resources.organizations, { name: metadata.name }, { type: 'merge', body, fieldManager, signal });
}

/** Our own writes of status and finalizer are no news to us. */
function isNews({ type, old, object }: Change<Organization>): boolean {
  return type !== 'modified' || !old || old.metadata.generation !== object.metadata.generation || old.metadata.deletionTimestamp !== object.metadata.deletionTimestamp
    || JSON.stringify(old.metadata.annotations) !== JSON.stringify(object.metadata.annotations);
}

/** Whether an object is not what we would apply. `subjects`, labels and the like are compared as they are written; what others added to them is not ours. */
function hasDrifted<T extends KubeObject>({ type, object, old }: Change<T>, organizations: Organizations, wanted: (organization: Organization) => KubeObject | undefined): boolean {
  const name = object.metadata.labels?.[labels.organization] ?? old?.metadata.labels?.[labels.organization];
  const organization = name === undefined ? undefined : organizations.get({ name });
  if (!organization) return false;
  if (type === 'deleted' || isDeleting(organization) || isDeleting(object)) return true;
  const should = wanted(organization);
  return should !== undefined && !holds(object, should);
}

const ofLabel = ({ metadata }: KubeObject): string[] => metadata.labels?.[labels.organization] === undefined ? [] : [metadata.labels[labels.organization] ?? ''];

function ofNamespace({ metadata }: KubeObject): string[] {
  const name = organizationOf(metadata.namespace ?? '');
  return name === undefined ? [] : [name];
}
