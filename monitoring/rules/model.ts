/** Rules as data: what is recorded in every cluster, what the management side alerts on, and who gets it. */

/** workload: in the Prometheus of every cluster, the management cluster too. management: only where all clusters come together. */
export type Place = 'workload' | 'management';

/** page: a person acts now. notify: a person acts within days. */
export type Severity = 'page' | 'notify';

/** A series computed from others. Records are all that leaves a workload cluster, so their number is bounded. */
export interface Record {
  readonly kind: 'record';
  /** level:metric:operation (https://prometheus.io/docs/practices/rules/), with `keelson` as the level. */
  readonly record: `keelson:${string}:${string}`;
  readonly expr: string;
  /** Labels that the rule sets. */
  readonly set?: Readonly<{ [label: string]: string }>;
  /** Every label of the result, those of `set` included. */
  readonly labels: readonly string[];
  readonly help: string;
  /** How many series one cluster gives at most; the limits of the federation are checked against the sum. */
  readonly maxSeries: number;
  /** Who looks at it, where no alert reads it. */
  readonly forPeople?: string;
  readonly since: string;
}

export interface Alert {
  readonly kind: 'alert';
  /** CamelCase; also the name of the runbook: `docs/runbooks/<alert>.md`. Two alerts may share it when their severity differs. */
  readonly alert: string;
  readonly expr: string;
  /** Prometheus duration: how long the expression must hold. */
  readonly for: string;
  /** Prometheus duration: the longest time from the fault to the alert, with the intervals of the charts' defaults; the lint adds them up (detection.ts). */
  readonly detectWithin?: string;
  /** Prometheus duration: how long the alert stays after the expression has ceased to hold; against flapping. */
  readonly keepFiringFor?: string;
  readonly severity: Severity;
  readonly team: string;
  /** One line, the title of the page. A Go template over $labels and $value. */
  readonly summary: string;
  /** What it means and what happens when nobody acts. A Go template over $labels and $value. */
  readonly description: string;
}

export type Rule = Record | Alert;

export interface RuleGroup {
  readonly name: string;
  readonly place: Place;
  /** Seconds between two evaluations; those of the Prometheus when absent. */
  readonly intervalSeconds?: number;
  /** Seconds until the exporter shows what happened, and between two scrapes of it; none and a minute when absent. */
  readonly noticeSeconds?: number;
  readonly scrapeSeconds?: number;
  readonly rules: readonly Rule[];
}

/** File name of the page that an alert links to. */
export function runbookOf(alert: Pick<Alert, 'alert'>): string {
  return `${alert.alert}.md`;
}
