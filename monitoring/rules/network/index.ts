/** The rules on the network. Records build on one another, so they are one group: a later one reads what an earlier one has just written. */
import type { RuleGroup } from '../model.ts';
import { clockAlerts, clockRecords } from './clock.ts';
import { networkCoverageAlerts, networkCoverageRecords } from './coverage.ts';
import { dnsAlerts, dnsRecords } from './dns.ts';
import { latencyAlerts, latencyRecords } from './latency.ts';
import { nodeAlerts, nodeRecords } from './nodes.ts';
import { pairAlerts, pairRecords } from './pairs.ts';

/** A node that is gone can be seen for half a minute, until its endpoint is not ready any more: what looks less often misses it. */
const intervalSeconds = 15;
/** Two rounds of probes; small losses take four, which `for` of their alert covers. */
const noticeSeconds = 30;

export const networkRecords: RuleGroup = {
  name: 'keelson-network', place: 'workload', intervalSeconds, noticeSeconds, scrapeSeconds: intervalSeconds,
  rules: [...nodeRecords, ...pairRecords, ...latencyRecords, ...dnsRecords, ...clockRecords, ...networkCoverageRecords],
};

export const networkAlerts: RuleGroup = {
  name: 'keelson-network-alerts', place: 'management', intervalSeconds,
  rules: [...nodeAlerts, ...pairAlerts, ...latencyAlerts, ...dnsAlerts, ...clockAlerts, ...networkCoverageAlerts],
};
