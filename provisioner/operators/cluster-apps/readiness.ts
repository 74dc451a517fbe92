/** The condition `keelson.dev/AppsReady` of a Cluster: one look at all of its Apps. */
import { clusterAppsReady } from '../../api/conditions.ts';
import type { NewCondition } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { isReadyNow } from '../app/gate.ts';

/** @param wanted names of the Apps there should be, also those that cannot be written yet */
export function appsReady(wanted: readonly string[], apps: readonly AppObject[], generation: number | undefined): NewCondition {
  const open = wanted.filter((name) => !apps.some((app) => app.metadata.name === name && isReadyNow(app)));
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  if (open.length === 0) return { type: clusterAppsReady.type, status: 'True', reason: 'AllReady', message: `all ${wanted.length} Apps are Ready`, ...observed };
  return { type: clusterAppsReady.type, status: 'False', reason: 'SomeNotReady', message: `not Ready: ${open.join(', ')}`, ...observed };
}
