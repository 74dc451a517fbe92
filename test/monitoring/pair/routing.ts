/** Alertmanager's real tree, at the pace of the tests. */
import { alertmanagerConfig } from '../../../monitoring/routes/config.ts';
import type { AlertmanagerConfig } from '../../../monitoring/routes/model.ts';
import { groupWaitSeconds, pace } from './pace.ts';

/** Pages go to the receiver at this address; everything else stays. */
export function pagesTo(url: string, times = pace): AlertmanagerConfig {
  return alertmanagerConfig({ pagerUrl: url, noticesUrl: '', groupWait: `${groupWaitSeconds / times}s`, groupInterval: `${60 / times}s`, repeatInterval: '1h' });
}
