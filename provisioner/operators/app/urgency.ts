/** Which Apps come first when more wait than there are workers. */
import { labels } from '../../api/labels.ts';
import type { Urgency } from '../../kube/index.ts';
import { isDeleting } from '../cluster.ts';
import type { AppObject } from './app-object.ts';
import { isReadyNow } from './gate.ts';

/**
 * What somebody waits for comes now. Later comes a new version of what a bundle has installed: the whole fleet may get it at
 * once. A cluster that was begun is finished before the next, with the looks at what is Ready.
 */
export function urgencyOf(app: AppObject | undefined): Urgency {
  if (!app || isReadyNow(app)) return 'soon';
  if (!isOfBundle(app) || app.status?.release === undefined || isDeleting(app)) return 'now';
  return app.status.observedGeneration === app.metadata.generation ? 'soon' : 'later';
}

function isOfBundle({ metadata: { labels: given } }: AppObject): boolean {
  return given?.[labels.managedBy] === 'keelson' && given[labels.bundle] !== undefined;
}
