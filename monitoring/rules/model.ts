/** Rules as data: what is recorded in every cluster, what the management side alerts on, and who gets it. */

/** workload: in the Prometheus of every cluster, the management cluster too. management: only where all clusters come together. */
export type Place = 'workload' | 'management';

/**
 * page: a person acts now. notify: a person looks at it on the same working day. ticket: work to plan. none: nobody is
 * told; it only hides others, or beats as a dead man's switch.
 */
export type Severity = (typeof severities)[number];
export const severities = ['page', 'notify', 'ticket', 'none'] as const;

/** What an alert is about: decides its board, and together with severity and team who hears of it. */
export type Area =
  | 'certificates' | 'network' | 'dns' | 'clock' | 'nodes' | 'kubelet' | 'etcd' | 'apiserver' | 'control-plane' | 'components'
  | 'volumes' | 'tenants' | 'lifecycle' | 'cloud' | 'apps' | 'policies' | 'federation' | 'monitoring' | 'keelson';

/** uid of a board; links of pages carry it. */
export type Board =
  | 'keelson-fleet' | 'keelson-cluster' | 'keelson-certificates' | 'keelson-network' | 'keelson-control-plane' | 'keelson-nodes'
  | 'keelson-lifecycle' | 'keelson-monitoring';

/** A cause that makes the alerts about its effects superfluous; what each is, and which alerts say so: `routes/causes.ts`. */
export type Cause = 'node' | 'zone' | 'controlPlane' | 'cloud' | 'blindness' | 'lifecycle';

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
  readonly area: Area;
  /** Who owns it: who mends the rule, and whom it reaches where routes name no other. `tenant`: the contact of the cluster's organization. */
  readonly team: 'platform' | 'tenant';
  /** What makes it superfluous; the causes of its area when absent (`hiddenBy` in routes/causes.ts). */
  readonly hiddenBy?: readonly Cause[];
  /** The board to look at; that of its area when absent. */
  readonly board?: Board;
  /** It speaks of the fleet or of the management cluster, not of one cluster: the expression may drop `cluster_id`. */
  readonly isFleetWide?: true;
  /** One line, the title of the page. A Go template over $labels and $value. */
  readonly summary: string;
  /** What it means and what happens when nobody acts. A Go template over $labels and $value. */
  readonly description: string;
  /** Who feels it, in a few words; every page says so. */
  readonly impact?: string;
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

/** The board of each area. */
const boards: Readonly<{ [area in Area]: Board }> = {
  certificates: 'keelson-certificates', network: 'keelson-network', dns: 'keelson-network', clock: 'keelson-network',
  nodes: 'keelson-nodes', kubelet: 'keelson-nodes', etcd: 'keelson-control-plane', apiserver: 'keelson-control-plane', 'control-plane': 'keelson-control-plane',
  components: 'keelson-cluster', volumes: 'keelson-cluster', tenants: 'keelson-cluster', policies: 'keelson-cluster', apps: 'keelson-cluster',
  lifecycle: 'keelson-lifecycle', cloud: 'keelson-lifecycle', keelson: 'keelson-lifecycle', federation: 'keelson-monitoring', monitoring: 'keelson-monitoring',
};

export function boardOf({ area, board }: Pick<Alert, 'area' | 'board'>): Board {
  return board ?? boards[area];
}

/** The areas whose alerts belong on a board. */
export function areasOf(board: string): Area[] {
  return (Object.keys(boards) as Area[]).filter((area) => boards[area] === board);
}

/** What most alerts of an area have in common, so that each says only what is its own. */
export function alertsIn(area: Area, common: Partial<Pick<Alert, 'team' | 'board' | 'hiddenBy' | 'isFleetWide'>> = {}): (own: AlertOf) => Alert {
  return (own) => ({ kind: 'alert', area, team: 'platform', ...common, ...own });
}
type AlertOf = Omit<Alert, 'kind' | 'area' | 'team'> & Partial<Pick<Alert, 'team'>>;

/** A record of a family that this version brings. */
export function record(own: Omit<Record, 'kind' | 'since'> & Partial<Pick<Record, 'since'>>): Record {
  return { kind: 'record', since: '0.1.0', ...own };
}

/** In a summary: the cluster an alert is about; a Prometheus of a single cluster has no such label. */
export const clusterText = '{{ or $labels.cluster_id "this cluster" }}';

/** File name of the page that an alert links to. */
export function runbookOf(alert: Pick<Alert, 'alert'>): string {
  return `${alert.alert}.md`;
}
