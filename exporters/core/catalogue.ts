/**
 * What a metric family is, as data: exporters write samples against it, rules and boards are checked against it,
 * and the reference pages are rendered from it. Pure: importable from everywhere.
 */

/** `info` and state sets are gauges in the text format, so they are gauges here. */
export type MetricType = 'gauge' | 'counter' | 'histogram';

/** stable: name, labels and meaning stay for all of a major version. beta: may change with notice. alpha: may go. */
export type Stability = 'stable' | 'beta' | 'alpha';

export interface MetricFamily {
  /** As it stands in the text format 0.0.4: a counter ends with `_total`. */
  readonly name: string;
  readonly type: MetricType;
  /** One sentence; ends with a full stop. */
  readonly help: string;
  /** Every label of every sample, in the order in which they are written; an empty value means "does not apply". */
  readonly labels: readonly string[];
  /** Base unit. It is written to OpenMetrics only where the name ends with it, as the format demands. */
  readonly unit?: 'seconds' | 'bytes' | 'ratio';
  readonly stability: Stability;
  /** Version of Keelson that first had it. */
  readonly since: string;
  /** Upper bounds of a histogram's buckets, without +Inf. */
  readonly buckets?: readonly number[];
  /** Whose name and labels this family keeps, so that existing rules and boards work: "giantswarm/cert-exporter 2.12". */
  readonly compatibleWith?: string;
  /** Closed sets of label values, where a label has one. */
  readonly values?: Readonly<Record<string, readonly string[]>>;
}

/** Families that every exporter has about its own process. Names as the Prometheus client libraries write them. */
export const processFamilies: readonly MetricFamily[] = [
  { name: 'process_cpu_seconds_total', type: 'counter', help: 'Total user and system CPU time spent in seconds.', labels: [], unit: 'seconds', stability: 'stable', since: '0.1.0' },
  { name: 'process_start_time_seconds', type: 'gauge', help: 'Start time of the process since unix epoch in seconds.', labels: [], unit: 'seconds', stability: 'stable', since: '0.1.0' },
  { name: 'process_resident_memory_bytes', type: 'gauge', help: 'Resident memory size in bytes.', labels: [], unit: 'bytes', stability: 'stable', since: '0.1.0' },
  { name: 'process_open_fds', type: 'gauge', help: 'Number of open file descriptors.', labels: [], stability: 'stable', since: '0.1.0' },
  { name: 'nodejs_eventloop_lag_p99_seconds', type: 'gauge', help: 'The 99th percentile of the recorded event loop delays.', labels: [], unit: 'seconds', stability: 'stable', since: '0.1.0' },
  { name: 'nodejs_heap_size_used_bytes', type: 'gauge', help: 'Process heap size used from Node.js in bytes.', labels: [], unit: 'bytes', stability: 'stable', since: '0.1.0' },
];

/**
 * Health of an exporter's sources, so that "nothing found" and "broken" never look alike.
 * @param prefix of the exporter: `cert_exporter`
 */
export function sourceFamilies(prefix: string, sources: readonly string[], reasons: readonly string[]): readonly MetricFamily[] {
  const common = { labels: ['source'], stability: 'beta', since: '0.1.0', values: { source: sources } } as const;
  return [
    { ...common, name: `${prefix}_source_up`, type: 'gauge', help: 'Whether the last pass over the source reached it (1) or not (0).' },
    { ...common, name: `${prefix}_source_last_success_timestamp_seconds`, type: 'gauge', unit: 'seconds', help: 'When a pass over the source last succeeded, in unix seconds.' },
    { ...common, name: `${prefix}_source_objects`, type: 'gauge', help: 'Objects of the source that hold at least one exported item.' },
    {
      ...common, name: `${prefix}_source_errors_total`, type: 'counter', labels: ['source', 'reason'], values: { source: sources, reason: reasons },
      help: 'Objects that were skipped, by reason; an object that stays broken counts once per pass.',
    },
  ];
}
