/** Does the topology extension answer for the class that clusters use? Read where it runs: the management cluster's Prometheus scrapes it. */
import type { RuleGroup } from './model.ts';

const extension = 'up{job="keelson-topology-extension"}';

export const topologyAlerts: RuleGroup = {
  name: 'keelson-topology-alerts',
  place: 'management',
  rules: [
    {
      kind: 'alert', alert: 'ClusterClassOutputChanged', for: '5m', severity: 'notify', area: 'keelson', team: 'platform',
      // Not "by pod": one answer of either replica tells the same.
      expr: 'max by (class) (keelson_topology_class_mismatch) == 1',
      summary: 'clusters of class {{ $labels.class }} stand still: this Keelson would make other machines of it',
      description: 'The installed Keelson answers otherwise for class {{ $labels.class }} than the one that published it, and therefore does not answer at all. Clusters run on; no scaling, upgrade or repair reaches them until the former Keelson is back or they have moved to another class.',
    },
    {
      kind: 'alert', alert: 'TopologyExtensionDown', for: '5m', severity: 'notify', area: 'keelson', team: 'platform',
      // It was scraped within a day, and no replica answers now: also when there is no pod, and so no target, any more.
      expr: `group by (job) (last_over_time(${extension}[1d])) unless on (job) (${extension} == 1)`,
      summary: 'no replica of the topology extension answers: no cluster can be made, changed or deleted',
      description: 'Cluster API asks the topology extension before everything it does to a cluster, and gets no answer. Clusters run on, and machines that die are replaced; nothing else happens until it is back.',
    },
  ],
};
