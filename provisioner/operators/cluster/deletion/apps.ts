/** Apps that a deleted cluster waits for while its machines are held back. The room `app` uninstalls them, each after those that depend on it. */
import { labels } from '../../../api/labels.ts';
import type { AppObject } from '../../app/app-object.ts';
import { awaitedApps, isProtected } from '../../app/ending.ts';
import type { Cluster } from '../../cluster.ts';
import { shortList } from './short-list.ts';

/** Names. */
export interface AppsLeft {
  readonly all: readonly string[];
  /** Those that must not be deleted: no time lets them go, only who takes the label away. */
  readonly kept: readonly string[];
}

export function appsLeft(apps: readonly AppObject[], cluster: Cluster, now: Date): AppsLeft {
  const awaited = awaitedApps(apps, cluster, now).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return { all: awaited.map(({ metadata }) => metadata.name), kept: awaited.filter(isProtected).map(({ metadata }) => metadata.name) };
}

/** Why the machines are still there, for people. */
export function holdForApps({ all, kept }: AppsLeft): string {
  const going = all.filter((name) => !kept.includes(name));
  return [
    ...(going.length === 0 ? [] : [`uninstalling Apps: ${shortList(going)}`]),
    ...(kept.length === 0 ? [] : [`kept by the label ${labels.preventDeletion}, remove it from: ${shortList(kept)}`]),
  ].join('; ');
}
