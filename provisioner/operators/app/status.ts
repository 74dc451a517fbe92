/** The status of an App: what it should say, and writing it only where it says something else. */
import { appReady } from '../../api/conditions.ts';
import { apiVersion } from '../../api/names.ts';
import { type Clock, findCondition, type KubeClient, resources, setCondition } from '../../kube/index.ts';
import type { AppObject, AppObjectStatus } from './app-object.ts';
import type { Verdict } from './verdict.ts';

export const fieldManager = 'keelson-app';

export type InstalledRelease = NonNullable<AppObjectStatus['release']>;

/** The whole status: we are its only writer. @param release as it is now; absent: as it was */
export function wantedStatus(app: AppObject, verdict: Verdict, o: { readonly release?: InstalledRelease | undefined; readonly clock: Clock }): AppObjectStatus {
  const generation = app.metadata.generation;
  const release = o.release ?? app.status?.release;
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const { status, reason, message } = verdict;
  return {
    ...observed,
    ...(release ? { release } : {}),
    conditions: setCondition(app.status?.conditions, { type: appReady.type, status, reason, message, ...observed }, o.clock),
  };
}

/** @returns whether the condition's status or reason changed, which is worth an event */
export async function writeStatus(client: KubeClient, app: AppObject, status: AppObjectStatus, signal: AbortSignal): Promise<boolean> {
  const before = findCondition(app.status?.conditions, appReady.type);
  const after = findCondition(status.conditions, appReady.type);
  if (JSON.stringify(comparable(app.status)) === JSON.stringify(comparable(status))) return false;
  const { name, namespace, uid } = app.metadata;
  // With the uid, an App that was deleted meanwhile is not made anew.
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
  await client.apply(resources.apps, { apiVersion, kind: 'App', metadata, status }, { fieldManager, force: true, subresource: 'status', signal });
  return before?.status !== after?.status || before?.reason !== after?.reason;
}

/** In one order of fields, however the API server wrote them. */
function comparable(status: AppObjectStatus | undefined): unknown {
  const { release, conditions = [], observedGeneration } = status ?? {};
  return [
    observedGeneration, release && [release.name, release.namespace, release.chart, release.version, release.revision, release.digest],
    conditions.map((c) => [c.type, c.status, c.reason, c.message, c.observedGeneration]),
  ];
}
