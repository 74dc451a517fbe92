/** Is everything observed? Every cluster records how much of each job answers; whether clusters report at all: `fleet/federation.ts`. */
import { federationJob } from '../federation.ts';
import { clusterText as cluster, type RuleGroup } from './model.ts';

/** `job` is overwritten where clusters come together, so the recorded label has a name of its own. */
const ratio = `avg by (scrape_job) (label_replace(up{job!="${federationJob}"}, "scrape_job", "$1", "job", "(.*)"))`;

/** Jobs of a cluster; a bound for the limits of the federation, not a rule of its own. */
const maxJobs = 40;

export const upRecords: RuleGroup = {
  name: 'keelson-up',
  place: 'workload',
  rules: [
    {
      kind: 'record', record: 'keelson:up:ratio', expr: ratio, labels: ['scrape_job'], maxSeries: maxJobs, since: '0.1.0',
      help: 'Part of the targets of a scrape job that answered, from 0 to 1.',
    },
  ],
};

export const upAlerts: RuleGroup = {
  name: 'keelson-up-alerts',
  place: 'management',
  rules: [
    {
      kind: 'alert', alert: 'TargetsDown', for: '15m', severity: 'notify', area: 'monitoring', team: 'platform',
      expr: 'keelson:up:ratio < 0.9',
      summary: `${cluster}: {{ humanizePercentage $value }} of {{ $labels.scrape_job }} answer`,
      description: `Of the targets of job {{ $labels.scrape_job }} in cluster ${cluster} only {{ humanizePercentage $value }} answer their scrapes. What they measure is not seen.`,
    },
  ],
};
