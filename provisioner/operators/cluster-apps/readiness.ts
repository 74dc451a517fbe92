/** The condition `keelson.dev/AppsReady` of a Cluster: one look at all Apps of its bundle. */
import { clusterAppsReady } from '../../api/conditions.ts';
import type { NewCondition } from '../../kube/index.ts';
import type { AppObject } from '../app/app-object.ts';
import { isReadyNow } from '../app/gate.ts';
import type { Wanted } from './bundle.ts';

export interface ReadinessInput {
  readonly version: string;
  readonly wanted: Wanted;
  /** As they are. */
  readonly apps: readonly AppObject[];
  readonly generation: number | undefined;
}

export function appsReady({ version, wanted, apps, generation }: ReadinessInput): NewCondition {
  const installed = wanted.apps.map(({ metadata }) => metadata).filter((metadata) => metadata.annotations === undefined).map(({ name }) => name);
  const open = installed.filter((name) => !apps.some((app) => app.metadata.name === name && isReadyNow(app)));
  const waiting = Object.entries(wanted.waiting).map(([name, facts]) => `${name} (waits for ${facts.join(', ')})`);
  const left = Object.entries(wanted.leftOut).map(([name, why]) => `${name} (${why})`);
  const about = { type: clusterAppsReady.type, ...(generation === undefined ? {} : { observedGeneration: generation }) };
  const tail = left.length === 0 ? '' : `; left out: ${left.join(', ')}`;
  if (open.length + waiting.length === 0) return { ...about, status: 'True', reason: 'AllReady', message: `all ${installed.length} Apps of bundle ${version} are Ready${tail}` };
  return { ...about, status: 'False', reason: 'SomeNotReady', message: `not Ready: ${[...open, ...waiting].join(', ')}${tail}` };
}

/** Where there is nothing to count. */
export function noApps(reason: keyof typeof clusterAppsReady.reasons, message: string, generation: number | undefined): NewCondition {
  return { type: clusterAppsReady.type, status: 'False', reason, message, ...(generation === undefined ? {} : { observedGeneration: generation }) };
}
