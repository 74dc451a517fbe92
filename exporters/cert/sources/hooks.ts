/** What every source is given: where its samples go and who hears of what it had to leave out. */
import type { Clock } from '../../core/clock.ts';
import type { SourceHealth } from '../../core/source-health.ts';
import type { SeriesStore } from '../../core/store.ts';
import type { Log } from '../../core/log.ts';
import type { SkipReason } from '../catalogue.ts';

export interface SourceHooks {
  readonly store: SeriesStore;
  readonly health: SourceHealth;
  readonly clock: Clock;
  readonly log: Log;
  /** Writes to the log; `health` counts. */
  readonly onSkipped: (object: string, reason: SkipReason, detail?: string) => void;
  readonly onCollision: (count: number) => void;
}
