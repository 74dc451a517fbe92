/** The status of an App: what it should say, and writing it only where it says something else. */
import { appDrifted, appPaused, appReady, type Reason } from '../../api/conditions.ts';
import { apiVersion } from '../../api/names.ts';
import { type Clock, type Condition, findCondition, type KubeClient, resources, setCondition } from '../../kube/index.ts';
import type { AppObject, AppObjectStatus } from './app-object.ts';
import type { Failed } from './remediation.ts';
import type { Verdict } from './verdict.ts';

export const fieldManager = 'keelson-app';

export type InstalledRelease = NonNullable<AppObjectStatus['release']>;

interface Said<R extends string> {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: R;
  readonly message: string;
}

/** What is new; what is left out stays as it was. */
export interface StatusChange {
  readonly ready?: Verdict | undefined;
  readonly drifted?: Said<Reason<typeof appDrifted>> | undefined;
  readonly paused?: Said<Reason<typeof appPaused>> | undefined;
  /** null: nothing is installed any more. */
  readonly release?: InstalledRelease | null | undefined;
  readonly lastGood?: InstalledRelease | null | undefined;
  /** null: nothing failed any more. */
  readonly failed?: Failed | null | undefined;
  readonly drift?: AppObjectStatus['drift'];
  readonly handledRequest?: string | undefined;
}

/** The whole status: we are its only writer. The generation counts as seen once Ready speaks of it. */
export function wantedStatus(app: AppObject, change: StatusChange, clock: Clock): AppObjectStatus {
  const { status = {} } = app;
  const generation = change.ready ? app.metadata.generation : status.observedGeneration;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const conditions = ([[appReady.type, change.ready], [appDrifted.type, change.drifted], [appPaused.type, change.paused]] as const).reduce<Condition[]>(
    (all, [type, said]) => (said ? setCondition(all, { type, status: said.status, reason: said.reason, message: said.message, ...observed }, clock) : all),
    status.conditions ?? [],
  );
  const parts = { release: kept(change.release, status.release), lastGood: kept(change.lastGood, status.lastGood), failed: kept(change.failed, status.failed), drift: change.drift ?? status.drift, handledRequest: change.handledRequest ?? status.handledRequest };
  return { ...observed, ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)), conditions };
}

/** @param change null: it is over */
function kept<T>(change: T | null | undefined, before: T | undefined): T | undefined {
  return change === null ? undefined : (change ?? before);
}

/** @returns whether Ready changed its status or reason, which is worth an event */
export async function writeStatus(client: KubeClient, app: AppObject, status: AppObjectStatus, signal: AbortSignal): Promise<boolean> {
  const before = findCondition(app.status?.conditions, appReady.type);
  const after = findCondition(status.conditions, appReady.type);
  if (comparable(app.status) === comparable(status)) return false;
  const { name, namespace, uid } = app.metadata;
  // With the uid, an App that was deleted meanwhile is not made anew.
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
  await client.apply(resources.apps, { apiVersion, kind: 'App', metadata, status }, { fieldManager, force: true, subresource: 'status', signal });
  return before?.status !== after?.status || before?.reason !== after?.reason;
}

/** In one order of fields, however the API server wrote them, and without times of transition. */
function comparable(status: AppObjectStatus | undefined): string {
  const { conditions = [], ...rest } = status ?? {};
  return JSON.stringify([sorted(rest), conditions.map((c) => [c.type, c.status, c.reason, c.message, c.observedGeneration]).toSorted()]);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}
