/** The ClusterBundles of this Keelson, made where they are missing; and the condition of every bundle. */
import { bundleProblems } from '../../api/bundle-check.ts';
import { clusterBundleSpec, type ClusterBundleSpec } from '../../api/cluster-bundle.ts';
import { bundleValid } from '../../api/conditions.ts';
import { apiVersion } from '../../api/names.ts';
import { type ChangeSource, Controller, ExponentialLimiter, findCondition, isKubeError, keyOf, type ObjectRef, type ReconcileResult, type Request, resources, setCondition, source } from '../../kube/index.ts';
import { heartbeat } from '../class/heartbeat.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import { servedResource } from '../served.ts';
import type { BundleObject } from './bundle-object.ts';

/** While the kind is not served yet. */
const waitMs = 2000;
/** How long something that a person deleted stays gone. */
const resyncMs = 600_000;
const fieldManager = 'keelson-bundles';
/** The key under which the bundles of this Keelson are published; no object has an empty namespace here. */
const publish = 'publish';

export interface PublishedBundlesOptions {
  readonly context: OperatorContext;
  readonly bundles: ChangeSource<BundleObject> & { get(ref: ObjectRef): BundleObject | undefined };
  /** Those that come with this Keelson. */
  readonly own: readonly BundleObject[];
}

export function publishedBundlesController(o: PublishedBundlesOptions): Controller {
  return new Controller({
    ...o.context,
    name: 'bundles',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 500, maxMs: 30_000 }),
    sources: [source({ reflector: heartbeat(publish) }), source({ reflector: o.bundles, isRelevant: ({ type, old, object }) => type !== 'modified' || old?.metadata.generation !== object.metadata.generation })],
    reconcile: (request, signal) => (request.namespace === '' ? publishOwn(o, signal) : judge(o, request, signal)),
  });
}

async function publishOwn({ context, own }: PublishedBundlesOptions, signal: AbortSignal): Promise<ReconcileResult> {
  if (!(await servedResource(context.client, apiVersion, 'ClusterBundle', signal))) return { requeueAfterMs: waitMs };
  for (const wanted of own) {
    const { name } = wanted.metadata;
    const found = await context.client.get<BundleObject>(resources.clusterBundles, { namespace: context.systemNamespace, name }, { signal });
    if (!found) await create(context, wanted, signal);
    else if (!isSame(found.spec, wanted.spec)) {
      context.events.event(found, 'Warning', 'BundleDiffers', `ClusterBundle ${name} is not the one that comes with this Keelson under that name; clusters have it as it is. Delete it once no cluster has it, and it is made anew`);
    }
  }
  return { requeueAfterMs: resyncMs };
}

async function create({ client, systemNamespace, log }: OperatorContext, wanted: BundleObject, signal: AbortSignal): Promise<void> {
  try {
    await client.create(resources.clusterBundles, { ...wanted, metadata: { ...wanted.metadata, namespace: systemNamespace } }, { signal });
    log.info({ bundle: wanted.metadata.name, apps: wanted.spec.apps.length }, 'bundle published');
  } catch (error) {
    if (!isKubeError(error, 'KUBE_CONFLICT')) throw error;
  }
}

/** The defaults of the schema make no difference, nor does the order of keys. */
function isSame(a: ClusterBundleSpec, b: ClusterBundleSpec): boolean {
  return JSON.stringify(sorted(clusterBundleSpec.parse(a))) === JSON.stringify(sorted(clusterBundleSpec.parse(b)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

async function judge({ context, bundles }: PublishedBundlesOptions, request: Request, signal: AbortSignal): Promise<void> {
  const bundle = bundles.get(request);
  if (!bundle || request.namespace !== context.systemNamespace) return;
  const problems = bundleProblems(bundle.spec);
  const { name, namespace, generation, uid } = bundle.metadata;
  const verdict = problems.length === 0 ? { status: 'True', reason: 'Valid', message: `${bundle.spec.apps.length} apps` } as const : { status: 'False', reason: 'Invalid', message: problems.join('; ') } as const;
  const before = findCondition(bundle.status?.conditions, bundleValid.type);
  if (before && before.status === verdict.status && before.message === verdict.message && before.observedGeneration === generation) return;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const conditions = setCondition(bundle.status?.conditions, { type: bundleValid.type, ...verdict, ...observed }, context.clock);
  const metadata = { name, namespace: namespace ?? '', ...(uid === undefined ? {} : { uid }) };
  await context.client.apply(resources.clusterBundles, { apiVersion, kind: 'ClusterBundle', metadata, status: { ...observed, conditions } }, { fieldManager, force: true, subresource: 'status', signal });
  if (problems.length > 0) context.events.event(bundle, 'Warning', 'Invalid', verdict.message);
  context.log.info({ bundle: keyOf(bundle.metadata), valid: problems.length === 0 }, verdict.message);
}

/** @throws {OperatorError} BUNDLE_INVALID for a file of this Keelson that is none */
export function parseBundle(content: unknown, file: string): BundleObject {
  const { metadata, spec } = (content ?? {}) as { readonly metadata?: { readonly name?: unknown }; readonly spec?: unknown };
  const parsed = clusterBundleSpec.safeParse(spec);
  const problems = parsed.success ? bundleProblems(parsed.data) : [parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')];
  if (typeof metadata?.name !== 'string') problems.push('no metadata.name');
  if (!parsed.success || problems.length > 0) throw new OperatorError('BUNDLE_INVALID', `${file}: not a ClusterBundle: ${problems.join('; ')}; install the chart and the image of one version`);
  return { apiVersion, kind: 'ClusterBundle', metadata: { name: String(metadata?.name) }, spec: parsed.data };
}
