/** Cases for `promtool test rules`: input series, and what is recorded or alerted at a time. promtool's clock starts at 0. */
import { secondsOf } from '../../monitoring/detection.ts';
import { alertsOf, ruleGroups } from '../../monitoring/rules/index.ts';
import { pendingTest, type ExpressionTest } from './cases/holds.ts';

export interface AlertCase {
  readonly name: string;
  readonly interval: string;
  readonly input_series: readonly { readonly series: string; readonly values: string }[];
  readonly alert_rule_test: readonly {
    readonly eval_time: string;
    readonly alertname: string;
    readonly exp_alerts: readonly { readonly exp_labels: Readonly<{ [label: string]: string }>; readonly exp_annotations: Readonly<{ [annotation: string]: string }> }[];
  }[];
  readonly promql_expr_test?: readonly ExpressionTest[];
}

export interface RecordCase {
  readonly name: string;
  readonly interval: string;
  readonly input_series: AlertCase['input_series'];
  readonly promql_expr_test: readonly ExpressionTest[];
}

export const day = 86_400;
export const series = (name: string, value: number | string, minutes = 60): { series: string; values: string } => ({ series: name, values: typeof value === 'string' ? value : `${value}x${minutes}` });

export const recordTests: readonly RecordCase[] = [
  {
    name: 'the minimum is per source, over all nodes and Secrets',
    interval: '1m',
    input_series: [
      series('cert_exporter_not_after{node="a",path="/x",serialnumber="1"}', 5 * day),
      series('cert_exporter_not_after{node="b",path="/y",serialnumber="2"}', 3 * day),
      series('cert_exporter_secret_not_after{namespace="keelson-system",exported_namespace="web",name="tls",secretkey="tls.crt",serialnumber="3"}', 9 * day),
    ],
    promql_expr_test: [{
      expr: 'keelson:cert_not_after_timestamp:min', eval_time: '5m',
      exp_samples: [
        { labels: 'keelson:cert_not_after_timestamp:min{source="files"}', value: 3 * day },
        { labels: 'keelson:cert_not_after_timestamp:min{source="secrets"}', value: 9 * day },
      ],
    }],
  },
  {
    name: 'names say where a certificate is, with the Secret\'s own namespace, and without serial numbers that churn',
    interval: '1m',
    input_series: [
      series('cert_exporter_not_after{node="a",path="/x",serialnumber="1",pod="p1",instance="i"}', 5 * day),
      series('cert_exporter_not_after{node="a",path="/x",serialnumber="2",pod="p1",instance="i"}', 4 * day),
      series('cert_exporter_secret_not_after{namespace="keelson-system",exported_namespace="web",name="tls",secretkey="tls.crt",certificatename="c",serialnumber="3"}', 9 * day),
      series('cert_exporter_secret_not_after{namespace="honored",name="tls",secretkey="tls.crt",serialnumber="4"}', 8 * day),
    ],
    promql_expr_test: [{
      expr: 'keelson:cert_not_after_timestamp:soonest', eval_time: '5m',
      exp_samples: [
        { labels: 'keelson:cert_not_after_timestamp:soonest{source="files",node="a",path="/x"}', value: 4 * day },
        { labels: 'keelson:cert_not_after_timestamp:soonest{source="secrets",namespace="web",secret="tls",secretkey="tls.crt"}', value: 9 * day },
        { labels: 'keelson:cert_not_after_timestamp:soonest{source="secrets",namespace="honored",secret="tls",secretkey="tls.crt"}', value: 8 * day },
      ],
    }],
  },
  {
    name: 'however many certificates there are, twenty per source are named, the soonest',
    interval: '1m',
    input_series: Array.from({ length: 50 }, (_, i) => series(`cert_exporter_not_after{node="a",path="/${i}",serialnumber="1"}`, (100 - i) * day)),
    promql_expr_test: [
      { expr: 'count(keelson:cert_not_after_timestamp:soonest)', eval_time: '5m', exp_samples: [{ labels: '{}', value: 20 }] },
      { expr: 'max(keelson:cert_not_after_timestamp:soonest)', eval_time: '5m', exp_samples: [{ labels: '{}', value: 70 * day }] },
    ],
  },
  {
    name: 'up is a ratio per job',
    interval: '1m',
    input_series: [series('up{job="kubelet",instance="a"}', 1), series('up{job="kubelet",instance="b"}', 0), series('up{job="apiserver",instance="a"}', 1)],
    promql_expr_test: [{
      expr: 'keelson:up:ratio', eval_time: '5m',
      exp_samples: [{ labels: 'keelson:up:ratio{scrape_job="apiserver"}', value: 1 }, { labels: 'keelson:up:ratio{scrape_job="kubelet"}', value: 0.5 }],
    }],
  },
];

const file = 'keelson:cert_not_after_timestamp:soonest{cluster_id="demo",source="files",node="w1",path="/etc/kubernetes/pki/x.crt"}';
const secret = 'keelson:cert_not_after_timestamp:soonest{cluster_id="demo",source="secrets",namespace="web",secret="tls",secretkey="tls.crt"}';
const fileLabels = { cluster_id: 'demo', source: 'files', node: 'w1', path: '/etc/kubernetes/pki/x.crt', team: 'platform' };
const certificate = (state: string, place: string): { summary: string; description: string; runbook_url: string } => ({
  summary: `demo: certificate ${place} ${state}`,
  description: `The certificate ${place} of cluster demo ${state}, and nothing has renewed it. From then on its peers refuse whatever uses it.`,
  runbook_url: 'https://runbooks/CertificateExpiresSoon.md',
});
const onNode = '/etc/kubernetes/pki/x.crt on node w1';

export const alertTests: readonly AlertCase[] = [
  {
    name: 'a certificate that expires in ten days is a notice',
    interval: '1m',
    input_series: [series(file, 10 * day + 1800), series(secret, 400 * day)],
    alert_rule_test: [
      { eval_time: '10m', alertname: 'CertificateExpiresSoon', exp_alerts: [] },
      { eval_time: '30m', alertname: 'CertificateExpiresSoon', exp_alerts: [{ exp_labels: { ...fileLabels, severity: 'notify' }, exp_annotations: certificate('expires in 10d 0h 0m 0s', onNode) }] },
    ],
  },
  {
    name: 'a certificate that expires in a day is a page as well',
    interval: '1m',
    input_series: [series(secret, day + 1800)],
    alert_rule_test: [{
      eval_time: '30m', alertname: 'CertificateExpiresSoon',
      exp_alerts: (['notify', 'page'] as const).map((severity) => ({
        exp_labels: { cluster_id: 'demo', source: 'secrets', namespace: 'web', secret: 'tls', secretkey: 'tls.crt', team: 'platform', severity },
        exp_annotations: certificate('expires in 1d 0h 0m 0s', 'Secret web/tls (tls.crt)'),
      })),
    }],
  },
  {
    name: 'an expired certificate says so',
    interval: '1m',
    input_series: [series(file, -day)],
    alert_rule_test: [{
      eval_time: '30m', alertname: 'CertificateExpiresSoon',
      exp_alerts: (['notify', 'page'] as const).map((severity) => ({ exp_labels: { ...fileLabels, severity }, exp_annotations: certificate('has expired', onNode) })),
    }],
  },
  {
    name: 'a renewal resolves it at the next evaluation',
    interval: '1m',
    input_series: [series(file, `${day}x20 ${400 * day}x40`)],
    alert_rule_test: [{ eval_time: '25m', alertname: 'CertificateExpiresSoon', exp_alerts: [] }],
  },
  {
    name: 'a certificate exactly at the border is not early',
    interval: '1m',
    input_series: [series(file, 14 * day + 3600)],
    alert_rule_test: [{ eval_time: '60m', alertname: 'CertificateExpiresSoon', exp_alerts: [] }],
  },
  {
    name: 'half of a job down; nine of ten is enough',
    interval: '1m',
    input_series: [series('keelson:up:ratio{cluster_id="demo",scrape_job="kubelet"}', 0.5), series('keelson:up:ratio{cluster_id="demo",scrape_job="apiserver"}', 0.9)],
    alert_rule_test: [
      { eval_time: '10m', alertname: 'TargetsDown', exp_alerts: [] },
      {
        eval_time: '20m', alertname: 'TargetsDown',
        exp_alerts: [{
          exp_labels: { cluster_id: 'demo', scrape_job: 'kubelet', severity: 'notify', team: 'platform' },
          exp_annotations: {
            summary: 'demo: 50% of kubelet answer',
            description: 'Of the targets of job kubelet in cluster demo only 50% answer their scrapes. What they measure is not seen.',
            runbook_url: 'https://runbooks/TargetsDown.md',
          },
        }],
      },
    ],
  },
  {
    name: 'a class that was published by another Keelson',
    interval: '1m',
    input_series: [series('keelson_topology_class_mismatch{class="openstack-v1",pod="a"}', 0), series('keelson_topology_class_mismatch{class="openstack-v1",pod="b"}', 1)],
    alert_rule_test: [
      { eval_time: '4m', alertname: 'ClusterClassOutputChanged', exp_alerts: [] },
      {
        eval_time: '10m', alertname: 'ClusterClassOutputChanged',
        exp_alerts: [{
          exp_labels: { class: 'openstack-v1', severity: 'notify', team: 'platform' },
          exp_annotations: {
            summary: 'clusters of class openstack-v1 stand still: this Keelson would make other machines of it',
            description: 'The installed Keelson answers otherwise for class openstack-v1 than the one that published it, and therefore does not answer at all. Clusters run on; no scaling, upgrade or repair reaches them until the former Keelson is back or they have moved to another class.',
            runbook_url: 'https://runbooks/ClusterClassOutputChanged.md',
          },
        }],
      },
    ],
  },
  {
    name: 'a topology extension of two replicas, of which one and then both stop, and whose pods then are gone',
    interval: '1m',
    input_series: [
      { series: 'up{job="keelson-topology-extension",pod="a"}', values: '1x10 0x20 stale' },
      { series: 'up{job="keelson-topology-extension",pod="b"}', values: '1x20 0x10 stale' },
      series('up{job="node-exporter",pod="c"}', 0),
    ],
    alert_rule_test: [
      { eval_time: '19m', alertname: 'TopologyExtensionDown', exp_alerts: [] },
      ...['28m', '60m'].map((eval_time) => ({
        eval_time, alertname: 'TopologyExtensionDown',
        exp_alerts: [{
          exp_labels: { job: 'keelson-topology-extension', severity: 'notify', team: 'platform' },
          exp_annotations: {
            summary: 'no replica of the topology extension answers: no cluster can be made, changed or deleted',
            description: 'Cluster API asks the topology extension before everything it does to a cluster, and gets no answer. Clusters run on, and machines that die are replaced; nothing else happens until it is back.',
            runbook_url: 'https://runbooks/TopologyExtensionDown.md',
          },
        }],
      })),
    ],
  },
  {
    name: 'an organization that is scaled past its cores, and one that holds them to the last',
    interval: '1m',
    input_series: [
      series('keelson_organization_used{organization="acme",resource="cores",pod="a"}', 24), series('keelson_organization_quota{organization="acme",resource="cores",pod="a"}', 20),
      series('keelson_organization_used{organization="other",resource="cores",pod="a"}', 20), series('keelson_organization_quota{organization="other",resource="cores",pod="a"}', 20),
      series('keelson_organization_used{organization="free",resource="cores",pod="a"}', 900),
    ],
    alert_rule_test: [
      { eval_time: '9m', alertname: 'OrganizationOverQuota', exp_alerts: [] },
      {
        eval_time: '15m', alertname: 'OrganizationOverQuota',
        exp_alerts: [{
          exp_labels: { organization: 'acme', resource: 'cores', severity: 'notify', team: 'platform' },
          exp_annotations: {
            summary: 'organization acme has more cores than its quota allows',
            description: 'The clusters of organization acme take 24 of cores (memory in MiB), which is more than its quota. Machines were scaled past the Cluster, two replicas of the extension admitted something at the same instant, or the quota was lowered. Nothing is taken away; nothing more is admitted.',
            runbook_url: 'https://runbooks/OrganizationOverQuota.md',
          },
        }],
      },
    ],
  },
  {
    name: 'an organization whose project is taken, one that waits for its clusters to go, one that is well',
    interval: '1m',
    input_series: [
      series('keelson_organization_condition{organization="acme",condition="IdentitiesReady",reason="ProjectTaken",pod="a"}', 0),
      series('keelson_organization_condition{organization="leaving",condition="Ready",reason="ClustersLive",pod="a"}', 0),
      series('keelson_organization_condition{organization="well",condition="Ready",reason="Applied",pod="a"}', 1),
      series('keelson_organization_condition{organization="well",condition="Other",reason="Unknown",pod="a"}', 0),
    ],
    alert_rule_test: [
      { eval_time: '14m', alertname: 'OrganizationNotReady', exp_alerts: [] },
      {
        eval_time: '20m', alertname: 'OrganizationNotReady',
        exp_alerts: [{
          exp_labels: { organization: 'acme', condition: 'IdentitiesReady', reason: 'ProjectTaken', severity: 'notify', team: 'platform' },
          exp_annotations: {
            summary: 'organization acme: IdentitiesReady is False, ProjectTaken',
            description: 'Organization acme is not as it was declared for a quarter of an hour: ProjectTaken. Its members may lack rights that they should have, or its clusters the credentials that were declared. What runs goes on.',
            runbook_url: 'https://runbooks/OrganizationNotReady.md',
          },
        }],
      },
    ],
  },
];

/** What every alert has beside its own labels and texts, by what it is about. */
const common = [
  { of: /^(Certificate|ShortLived|Endpoint|Revocation|Vault)/, area: 'certificates', board: 'keelson-certificates' },
  { of: /^Dns/, area: 'dns', board: 'keelson-network' },
  { of: /^ClockOff$/, area: 'clock', board: 'keelson-network' },
  { of: /^(Node|Zone|Link|Large|Packet|Network|Service|TargetDown|TargetCertificate)/, area: 'network', board: 'keelson-network' },
  { of: /^TargetsDown$/, area: 'monitoring', board: 'keelson-monitoring' },
  { of: /^(ClusterClassOutputChanged|TopologyExtensionDown|ClusterA.*|AccessRights.*|Organization.*)$/, area: 'keelson', board: 'keelson-lifecycle' },
];

/** The command that silences it where it fired. */
function silenceOf(alertname: string, labels: Readonly<{ [label: string]: string }>): string {
  const { cluster_id: cluster, node, organization } = labels;
  return `keelson alerts silence alertname=${alertname}${cluster ? ` cluster_id=${cluster}` : ''}${node ? ` node=${node}` : ''}${organization ? ` -n org-${organization}` : ''} --for 24h --reason '…'`;
}

/** The case with the labels and links that all alerts have, and with how long those that fire have to hold. */
export function completed(one: AlertCase): AlertCase {
  return {
    ...one,
    promql_expr_test: [...(one.promql_expr_test ?? []), ...heldTests(one)],
    alert_rule_test: one.alert_rule_test.map((tried) => {
      const { area = '', board = '' } = common.find(({ of }) => of.test(tried.alertname)) ?? {};
      // No case has a cluster that was changed.
      const changes = alertsOf(ruleGroups).some(({ alert, isFleetWide }) => alert === tried.alertname && isFleetWide) ? {} : { changes: '' };
      return {
        ...tried,
        exp_alerts: tried.exp_alerts.map(({ exp_labels: labels, exp_annotations: annotations }) => (
          { exp_labels: { ...labels, area }, exp_annotations: { ...annotations, ...changes, silence: silenceOf(tried.alertname, labels), board_url: `https://boards/d/${board}?var-cluster=${labels['cluster_id'] ?? ''}` } })),
      };
    }),
  };
}

/** Of each alert that fires in the case, when it first does. */
function heldTests({ alert_rule_test: tests }: AlertCase): ExpressionTest[] {
  return alertsOf(ruleGroups).flatMap((alert) => {
    const first = tests.find(({ alertname, exp_alerts: alerts }) => alertname === alert.alert && alerts.some(({ exp_labels: labels }) => labels['severity'] === alert.severity));
    return first ? [pendingTest(alert, secondsOf(first.eval_time) / 60)] : [];
  });
}
