/**
 * Certificates near their end. Those that are made to live for six weeks or more are watched by days, as a person who plans
 * a renewal thinks; shorter ones by the part of their life that is left, because fourteen days are their whole life.
 */
import type { Alert, Record, RuleGroup } from '../model.ts';
import { clusterText as cluster, named, placeText as place, places, type Place } from './places.ts';

/** Days before expiry. Kubernetes certificates live a year and are renewed by an upgrade; two weeks leave time to plan one. */
export const days = { notify: 14, page: 3 } as const;

/**
 * Part of a short life that is left. cert-manager renews when a third is left, the kubelet at 10 to 30 % (70-90 % of the
 * life, kubernetes/client-go util/certificate), so that a tenth means: it did not.
 */
export const parts = { notify: 0.1, page: 0.04 } as const;

/** Below it a certificate is watched by parts. */
const shortDays = 42;
/** A clock that is not ours may be ahead by so much. */
const skewSeconds = 300;

const life = ({ prefix }: Place): string => `(${prefix}_not_after - ${prefix}_not_before)`;
const isShort = (where: Place): string => `${life(where)} < ${shortDays * 86_400}`;
/** Without the not_before twin nothing is known to be short, and days count. */
const long = (where: Place): string => `(${where.prefix}_not_after unless (${isShort(where)}))`;
const soonest = ({ labels, named: name }: Place, vector: string): string => `bottomk(${named}, min by (${labels.join(', ')}) (${name(vector)}))`;

type What = Pick<Record, 'record' | 'expr' | 'help'> & Partial<Record>;
const record = ({ source, labels }: Place, what: What): Record => ({ kind: 'record', set: { source }, labels: [...labels, 'source'], maxSeries: named, since: '0.1.0', ...what });

const recordsOf = (where: Place): readonly Record[] => [
  record(where, {
    record: 'keelson:cert_not_after_timestamp:min', expr: `min(${where.prefix}_not_after)`, labels: ['source'], maxSeries: 1, forPeople: 'one figure per cluster, for boards and for keelson status',
    help: `When the first certificate in ${where.source} of the cluster expires, in unix seconds.`,
  }),
  record(where, {
    record: 'keelson:cert_not_after_timestamp:soonest', expr: soonest(where, long(where)),
    help: `When each of the ${named} certificates in ${where.source} that expire soonest does, in unix seconds; without those that live less than ${shortDays} days.`,
  }),
  record(where, {
    record: 'keelson:cert_life_left:ratio', expr: soonest(where, `(((${where.prefix}_not_after - time()) / ${life(where)}) and (${isShort(where)}))`),
    help: `Part of its life that is left to each of the ${named} certificates in ${where.source} with the least, of those that live less than ${shortDays} days; below 0 after expiry.`,
  }),
  record(where, {
    record: 'keelson:cert_not_before_timestamp:future', expr: `topk(${named}, max by (${where.labels.join(', ')}) (${where.named(`(${where.prefix}_not_before > time() + ${skewSeconds})`)}))`,
    help: `From when on each certificate in ${where.source} is valid that is not yet, in unix seconds; at most ${named}.`,
  }),
];

export const expiryRecords: RuleGroup = { name: 'keelson-certificates', place: 'workload', rules: places.flatMap(recordsOf) };

const byDays = (severity: 'notify' | 'page', holds: string): Alert => ({
  kind: 'alert', alert: 'CertificateExpiresSoon', for: holds, severity, area: 'certificates', team: 'platform',
  expr: `keelson:cert_not_after_timestamp:soonest - time() < ${days[severity]} * 86400`,
  summary: `${cluster}: certificate ${place} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}`,
  description: `The certificate ${place} of cluster ${cluster} {{ if lt $value 0.0 }}has expired{{ else }}expires in {{ humanizeDuration $value }}{{ end }}, and nothing has renewed it. From then on its peers refuse whatever uses it.`,
});

const byPart = (severity: 'notify' | 'page', holds: string): Alert => ({
  kind: 'alert', alert: 'ShortLivedCertificateNotRenewed', for: holds, severity, area: 'certificates', team: 'platform',
  expr: `keelson:cert_life_left:ratio < ${parts[severity]}`,
  summary: `${cluster}: certificate ${place} {{ if lt $value 0.0 }}has expired{{ else }}has {{ humanizePercentage $value }} of its life left{{ end }}`,
  description: `The certificate ${place} of cluster ${cluster} lives less than ${shortDays} days and should have been renewed long ago; {{ if lt $value 0.0 }}it has expired{{ else }}{{ humanizePercentage $value }} of its life are left{{ end }}. Whatever renews it does not work.`,
});

export const expiryAlerts: RuleGroup = {
  name: 'keelson-certificate-alerts',
  place: 'management',
  rules: [
    byDays('notify', '15m'), byDays('page', '5m'),
    byPart('notify', '15m'), byPart('page', '5m'),
    {
      kind: 'alert', alert: 'CertificateNotYetValid', for: '15m', severity: 'notify', area: 'certificates', team: 'platform',
      expr: `keelson:cert_not_before_timestamp:future - time() > ${skewSeconds}`,
      summary: `${cluster}: certificate ${place} is not valid yet, for another {{ humanizeDuration $value }}`,
      description: `The certificate ${place} of cluster ${cluster} becomes valid in {{ humanizeDuration $value }}. Until then its peers refuse it: the clock of whoever issued it is ahead, or it was put in place too early.`,
    },
  ],
};
