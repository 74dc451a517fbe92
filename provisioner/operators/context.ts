/** What every operator is given: the management cluster, time and chance, and where to report. */
import type { Clock, EventRecorder, KubeClient, KubeMetrics, Log, Random } from '../kube/index.ts';

export interface OperatorContext {
  readonly client: KubeClient;
  /** Where our own objects live: the CA, the class, the scrape configurations. */
  readonly systemNamespace: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: Pick<EventRecorder, 'event'>;
  readonly metrics?: KubeMetrics | undefined;
}
