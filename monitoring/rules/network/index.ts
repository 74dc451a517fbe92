/** The rules on the network. Records build on one another, so they are one group: a later one reads what an earlier one has just written. */
import type { RuleGroup } from '../model.ts';
import { clockAlerts, clockRecords } from './clock.ts';
import { networkCoverageAlerts, networkCoverageRecords } from './coverage.ts';
import { dnsAlerts, dnsRecords } from './dns.ts';
import { latencyAlerts, latencyRecords } from './latency.ts';
import { nodeAlerts, nodeRecords } from './nodes.ts';
import { pairAlerts, pairRecords } from './pairs.ts';
import { targetAlerts, targetRecords } from './targets.ts';

/** As often as probes are made: what `detectWithin` promises of a page counts on it, and an exporter that starts when the endpoint is not ready any more does not see that a node is gone. */
const intervalSeconds = 15;
/** Two rounds of probes; small losses take four, which `for` of their alert covers. */
const noticeSeconds = 30;

export const networkRecords: RuleGroup = {
  name: 'keelson-network', place: 'workload', intervalSeconds, noticeSeconds, scrapeSeconds: intervalSeconds,
  rules: [...nodeRecords, ...pairRecords, ...latencyRecords, ...dnsRecords, ...clockRecords, ...targetRecords, ...networkCoverageRecords],
};

export const networkAlerts: RuleGroup = {
  name: 'keelson-network-alerts', place: 'management', intervalSeconds,
  rules: [...nodeAlerts, ...pairAlerts, ...latencyAlerts, ...dnsAlerts, ...clockAlerts, ...targetAlerts, ...networkCoverageAlerts],
};
