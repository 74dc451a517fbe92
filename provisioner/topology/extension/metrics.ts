/** Metrics of the extension itself. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface ExtensionMetrics {
  readonly registry: Registry;
  /** Records one answered hook. */
  observe(hook: string, outcome: 'success' | 'failure' | 'error', seconds: number): void;
  admission(webhook: string, outcome: 'allowed' | 'refused' | 'error'): void;
  certificate(expires: Date): void;
  /** Whether the published class is the one this extension makes. */
  classMatches(name: string, isSame: boolean): void;
}

export function extensionMetrics(): ExtensionMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'keelson_topology_hook_duration_seconds',
    help: 'Time from the last byte of a hook request to the answer.',
    labelNames: ['hook'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers: [registry],
  });
  const answers = new Counter({
    name: 'keelson_topology_hook_answers_total',
    help: 'Answered hooks: success, failure (told to Cluster API), error (a fault of ours).',
    labelNames: ['hook', 'outcome'],
    registers: [registry],
  });
  const expiry = new Gauge({
    name: 'keelson_topology_certificate_expiry_timestamp_seconds',
    help: 'End of validity of the serving certificate.',
    registers: [registry],
  });
  const mismatch = new Gauge({
    name: 'keelson_topology_class_mismatch',
    help: '1 while the published class answers otherwise than this extension would, which therefore does not answer for it.',
    labelNames: ['class'],
    registers: [registry],
  });
  const admitted = new Counter({
    name: 'keelson_admission_answers_total',
    help: 'Answered admission requests: allowed, refused (told to the writer), error (the API server was not reached or the fault is ours, so the request is refused).',
    labelNames: ['webhook', 'outcome'],
    registers: [registry],
  });
  return {
    registry,
    admission: (webhook, outcome) => admitted.inc({ webhook, outcome }),
    observe: (hook, outcome, seconds) => {
      duration.observe({ hook }, seconds);
      answers.inc({ hook, outcome });
    },
    classMatches: (name, isSame) => mismatch.set({ class: name }, isSame ? 0 : 1),
    certificate: (expires) => expiry.set(expires.getTime() / 1000),
  };
}
