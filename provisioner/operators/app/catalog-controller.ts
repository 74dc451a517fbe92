/** Says on every Catalog whether it can be used: asked when it changes and now and then, so that people see it before an App needs it. */
import { catalogReady, type Reason } from '../../api/conditions.ts';
import { apiVersion } from '../../api/names.ts';
import { type ChartStore, RepositoryError } from '../../helm/index.ts';
import { Controller, ExponentialLimiter, findCondition, type ReconcileResult, type Request, resources, setCondition, source } from '../../kube/index.ts';
import type { OperatorContext } from '../context.ts';
import { OperatorError } from '../errors.ts';
import type { CatalogObject } from './catalog-object.ts';
import type { Charts } from './chart.ts';
import type { Cache } from './controller.ts';

export interface CatalogControllerOptions {
  readonly context: OperatorContext;
  readonly catalogs: Cache<CatalogObject>;
  readonly store: Pick<ChartStore, 'ping'>;
  readonly charts: Charts;
}

const fieldManager = 'keelson-catalog';
/** Until it is asked again, in milliseconds. */
const askAgainMs = { available: 600_000, other: 60_000 } as const;

export function catalogController(o: CatalogControllerOptions): Controller {
  return new Controller({
    ...o.context, workers: 2,
    name: 'catalog',
    rateLimiter: new ExponentialLimiter({ random: o.context.random, baseMs: 1000, maxMs: 300_000 }),
    sources: [source({ reflector: o.catalogs, isRelevant: ({ old, object }) => !old || old.metadata.generation !== object.metadata.generation })],
    reconcile: (request, signal) => reconcile(o, request, signal),
  });
}

async function reconcile(o: CatalogControllerOptions, request: Request, signal: AbortSignal): Promise<ReconcileResult | void> {
  const catalog = o.catalogs.get(request);
  if (!catalog || catalog.metadata.deletionTimestamp !== undefined) return;
  const verdict = await ask(o, catalog, signal);
  await report(o, catalog, verdict, signal);
  const pauseMs = verdict.status === 'True' ? askAgainMs.available : askAgainMs.other;
  return { requeueAfterMs: pauseMs * (0.8 + o.context.random() * 0.4) };
}

interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: Reason<typeof catalogReady>;
  readonly message: string;
}

async function ask({ charts, store }: CatalogControllerOptions, catalog: CatalogObject, signal: AbortSignal): Promise<Verdict> {
  try {
    return { status: 'True', reason: 'Available', message: `${await store.ping(await charts.repository(catalog, signal), signal)} answers` };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof OperatorError) return { status: 'False', reason: 'CredentialsInvalid', message: error.message };
    if (!(error instanceof RepositoryError)) throw error;
    const reason = error.code === 'REPOSITORY_REFUSED' ? 'Refused' : error.code === 'REPOSITORY_UNAUTHORIZED' ? 'CredentialsInvalid' : 'Unreachable';
    return { status: 'False', reason, message: error.message };
  }
}

async function report({ context }: CatalogControllerOptions, catalog: CatalogObject, verdict: Verdict, signal: AbortSignal): Promise<void> {
  const { name, namespace = '', uid, generation } = catalog.metadata;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const before = findCondition(catalog.status?.conditions, catalogReady.type);
  if (before && before.status === verdict.status && before.reason === verdict.reason && before.message === verdict.message && catalog.status?.observedGeneration === generation) return;
  const conditions = setCondition(catalog.status?.conditions, { type: catalogReady.type, ...verdict, ...observed }, context.clock);
  const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }) };
  await context.client.apply(resources.catalogs, { apiVersion, kind: 'Catalog', metadata, status: { ...observed, conditions } }, { fieldManager, force: true, subresource: 'status', signal });
}
