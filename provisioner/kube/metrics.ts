/**
 * What this room measures, under the names that dashboards and alerts for Go controllers already know
 * (client-go and controller-runtime; https://book.kubebuilder.io/reference/metrics-reference). One instance per registry.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ControllerMetrics, ReconcileObserver } from './controller.ts';
import type { QueueObserver } from './queue.ts';
import type { ReflectorObserver } from './reflector.ts';

/** One millisecond to a quarter of an hour. */
const waitBuckets = [0.001, 0.005, 0.025, 0.1, 0.25, 1, 5, 15, 60, 300, 900];
/** controller-runtime's buckets of controller_runtime_reconcile_time_seconds, thinned. */
const reconcileBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export class KubeMetrics implements ControllerMetrics {
  readonly #queue: ReturnType<typeof queueMetrics>;
  readonly #reconcile: ReturnType<typeof reconcileMetrics>;
  readonly #reflector: ReturnType<typeof reflectorMetrics>;
  readonly #requests: Counter<'code' | 'method' | 'host'>;
  readonly #leading: Gauge<'name'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#queue = queueMetrics(registers);
    this.#reconcile = reconcileMetrics(registers);
    this.#reflector = reflectorMetrics(registers);
    this.#requests = new Counter({ name: 'rest_client_requests_total', help: 'Requests to API servers by status code (<error>: no answer), method and host.', labelNames: ['code', 'method', 'host'], registers });
    this.#leading = new Gauge({ name: 'leader_election_master_status', help: '1 where this process holds the lease, 0 where it waits for it.', labelNames: ['name'], registers });
  }

  /** For KubeClientOptions.metrics. */
  requested(code: string, method: string, host: string): void {
    this.#requests.inc({ code, method, host });
  }

  leaderObserver(name: string): { leading(isLeading: boolean): void } {
    return { leading: (isLeading) => this.#leading.set({ name }, isLeading ? 1 : 0) };
  }

  queueObserver(name: string, processingMs: () => readonly number[]): QueueObserver {
    const m = this.#queue;
    m.processing.set(name, processingMs);
    const setDepth = (depth: number): void => m.depth.set({ name }, depth);
    setDepth(0);
    return {
      added: (depth) => {
        m.adds.inc({ name });
        setDepth(depth);
      },
      taken: (depth, waitedMs) => {
        setDepth(depth);
        m.waited.observe({ name }, waitedMs / 1000);
      },
      finished: (depth, workedMs) => {
        setDepth(depth);
        m.worked.observe({ name }, workedMs / 1000);
      },
      retried: () => m.retries.inc({ name }),
    };
  }

  reconcileObserver(controller: string, workers: number): ReconcileObserver {
    const m = this.#reconcile;
    m.workers.set({ controller }, workers);
    m.active.set({ controller }, 0);
    m.errors.inc({ controller }, 0);
    for (const result of ['success', 'requeue_after', 'error']) m.total.inc({ controller, result }, 0);
    return {
      started: () => m.active.inc({ controller }),
      finished: (result, seconds) => {
        m.active.dec({ controller });
        m.total.inc({ controller, result });
        if (result === 'error') m.errors.inc({ controller });
        m.seconds.observe({ controller }, seconds);
      },
    };
  }

  /** @param name what tells reflectors of one process apart, such as the plural and the namespace */
  reflectorObserver(name: string): ReflectorObserver {
    const m = this.#reflector;
    m.failures.inc({ name }, 0);
    return {
      listed: (seconds) => {
        m.lists.inc({ name });
        m.listSeconds.observe({ name }, seconds);
      },
      watched: (seconds) => {
        m.watches.inc({ name });
        m.watchSeconds.observe({ name }, seconds);
      },
      failed: () => m.failures.inc({ name }),
      stored: (objects) => m.objects.set({ name }, objects),
    };
  }
}

function queueMetrics(registers: Registry[]) {
  const labelNames = ['name'] as const;
  const processing = new Map<string, () => readonly number[]>();
  const fromProcessing = (reduce: (ms: readonly number[]) => number) =>
    function collect(this: Gauge<'name'>): void {
      for (const [name, ms] of processing) this.set({ name }, reduce(ms()) / 1000);
    };
  const gauge = (name: string, help: string, reduce: (ms: readonly number[]) => number): Gauge<'name'> =>
    new Gauge({ name, help, labelNames, registers, collect: fromProcessing(reduce) });
  gauge('workqueue_unfinished_work_seconds', 'Seconds of work in progress that has not been observed by work_duration.', (ms) => ms.reduce((sum, x) => sum + x, 0));
  gauge('workqueue_longest_running_processor_seconds', 'Seconds that the longest running worker has been at its key.', (ms) => Math.max(0, ...ms));
  return {
    processing,
    depth: new Gauge({ name: 'workqueue_depth', help: 'Keys that wait for a worker.', labelNames, registers }),
    adds: new Counter({ name: 'workqueue_adds_total', help: 'Keys added.', labelNames, registers }),
    retries: new Counter({ name: 'workqueue_retries_total', help: 'Keys added again after a failure.', labelNames, registers }),
    waited: new Histogram({ name: 'workqueue_queue_duration_seconds', help: 'Seconds a key waited for a worker.', labelNames, buckets: waitBuckets, registers }),
    worked: new Histogram({ name: 'workqueue_work_duration_seconds', help: 'Seconds a worker took for a key.', labelNames, buckets: waitBuckets, registers }),
  };
}

function reconcileMetrics(registers: Registry[]) {
  const labelNames = ['controller'] as const;
  return {
    total: new Counter({ name: 'controller_runtime_reconcile_total', help: 'Reconciles by result.', labelNames: ['controller', 'result'] as const, registers }),
    errors: new Counter({ name: 'controller_runtime_reconcile_errors_total', help: 'Reconciles that failed.', labelNames, registers }),
    seconds: new Histogram({ name: 'controller_runtime_reconcile_time_seconds', help: 'Seconds a reconcile took.', labelNames, buckets: reconcileBuckets, registers }),
    active: new Gauge({ name: 'controller_runtime_active_workers', help: 'Workers that reconcile now.', labelNames, registers }),
    workers: new Gauge({ name: 'controller_runtime_max_concurrent_reconciles', help: 'Workers there are.', labelNames, registers }),
  };
}

function reflectorMetrics(registers: Registry[]) {
  const labelNames = ['name'] as const;
  return {
    lists: new Counter({ name: 'reflector_lists_total', help: 'Complete lists read.', labelNames, registers }),
    listSeconds: new Histogram({ name: 'reflector_list_duration_seconds', help: 'Seconds a list took.', labelNames, buckets: waitBuckets, registers }),
    watches: new Counter({ name: 'reflector_watches_total', help: 'Watches that ended, in any way.', labelNames, registers }),
    watchSeconds: new Histogram({ name: 'reflector_watch_duration_seconds', help: 'Seconds a watch lasted; five to ten minutes when all is well.', labelNames, buckets: [1, 10, 60, 120, 300, 600], registers }),
    failures: new Counter({ name: 'reflector_failures_total', help: 'Lists and watches that failed and were tried again.', labelNames, registers }),
    objects: new Gauge({ name: 'reflector_store_objects', help: 'Objects held in memory.', labelNames, registers }),
  };
}
