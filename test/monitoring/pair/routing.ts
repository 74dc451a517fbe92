/** Alertmanager's real tree, at the pace of the tests. */
import { alertmanagerConfig } from '../../../monitoring/routes/config.ts';
import type { AlertmanagerConfig } from '../../../monitoring/routes/model.ts';
import { groupWaitSeconds, interval, pace } from './pace.ts';

/** Pages go to the receiver at this address; everything else stays. */
export function pagesTo(url: string): AlertmanagerConfig {
  return alertmanagerConfig({ pagerUrl: url, noticesUrl: '', groupWait: `${groupWaitSeconds / pace}s`, groupInterval: interval, repeatInterval: '1h' });
}
