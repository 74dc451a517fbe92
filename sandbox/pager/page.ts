/** A page: one alert as the person on call sees it, over all its firings. Plain data, stored and served as it is. */

/** One firing; `resolvedAt` is missing while it goes on. Times are RFC 3339 in UTC. */
export interface Episode { readonly firedAt: string; readonly resolvedAt?: string }

export interface Page {
  /** Alertmanager's hash over the labels: the identity of the alert. */
  readonly fingerprint: string;
  readonly alert: string;
  /** Label `cluster_id`, which federation sets, else `cluster`; empty when the alert has neither. */
  readonly cluster: string;
  /** Label `severity`, `none` when the alert has none. */
  readonly severity: string;
  readonly state: 'firing' | 'resolved';
  /** Annotation `summary`, else `description`, else the alert's name. */
  readonly summary: string;
  /** Annotation `runbook_url`, as it came. */
  readonly runbook?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The newest first; the oldest of more than `maxEpisodes` are forgotten. */
  readonly episodes: readonly Episode[];
  /** How many notifications came for it. */
  readonly notifications: number;
  /** When the last of them came. */
  readonly notifiedAt: string;
}

export const maxEpisodes = 20;

/** Most urgent first; unknown words come after these. */
const severities = ['critical', 'page', 'error', 'warning', 'info', 'none'];

/** Open pages before resolved ones, then by severity, then the newest firing first. */
export function inOrder(pages: Iterable<Page>): Page[] {
  return [...pages].sort((a, b) => Number(a.state === 'resolved') - Number(b.state === 'resolved')
    || rank(a) - rank(b)
    || firedAt(b).localeCompare(firedAt(a))
    || a.fingerprint.localeCompare(b.fingerprint));
}

/** When the current or last firing began. */
export function firedAt(page: Page): string {
  return page.episodes[0]?.firedAt ?? page.notifiedAt;
}

/** When it was resolved; undefined while it is open. */
export function resolvedAt(page: Page): string | undefined {
  return page.state === 'resolved' ? page.episodes[0]?.resolvedAt : undefined;
}

/** "40 s", "3 min", "2 h 5 min", "4 d 2 h": what a person reads at a glance. */
export function age(fromIso: string, to: Date): string {
  const seconds = Math.max(0, Math.round((to.getTime() - Date.parse(fromIso)) / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds} s`;
  if (minutes < 60) return `${minutes} min`;
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

function rank(page: Page): number {
  const index = severities.indexOf(page.severity);
  return index === -1 ? severities.length : index;
}
