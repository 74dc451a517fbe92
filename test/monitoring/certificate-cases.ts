/** Cases of the rules on certificates beside their expiry by days. promtool's clock starts at 0. */
import { day, series, type AlertCase, type RecordCase } from './rule-cases.ts';

const pair = (family: string, labels: string, from: number, to: number): RecordCase['input_series'] => [series(`${family}_not_before{${labels}}`, from), series(`${family}_not_after{${labels}}`, to)];

export const certificateRecordTests: readonly RecordCase[] = [
  {
    name: 'a certificate that lives a week is watched by the part of its life, one that lives a year by days',
    interval: '1m',
    input_series: [...pair('cert_exporter', 'node="a",path="/week",serialnumber="1"', -6 * day, day), ...pair('cert_exporter', 'node="a",path="/year",serialnumber="2"', -360 * day, 5 * day)],
    promql_expr_test: [
      { expr: 'round(keelson:cert_life_left:ratio, 0.001)', eval_time: '5m', exp_samples: [{ labels: '{source="files",node="a",path="/week"}', value: 0.142 }] },
      { expr: 'keelson:cert_not_after_timestamp:soonest', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_not_after_timestamp:soonest{source="files",node="a",path="/year"}', value: 5 * day }] },
      { expr: 'keelson:cert_not_after_timestamp:min', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_not_after_timestamp:min{source="files"}', value: day }] },
    ],
  },
  {
    name: 'without the not_before twin days count',
    interval: '1m',
    input_series: [series('cert_exporter_not_after{node="a",path="/x",serialnumber="1"}', day)],
    promql_expr_test: [{ expr: 'count(keelson:cert_not_after_timestamp:soonest)', eval_time: '5m', exp_samples: [{ labels: '{}', value: 1 }] }, { expr: 'count(keelson:cert_life_left:ratio)', eval_time: '5m', exp_samples: [] }],
  },
  {
    name: 'every place has a name for people',
    interval: '1m',
    input_series: [
      series('cert_exporter_configmap_not_after{namespace="keelson-system",exported_namespace="web",name="trust",configmapkey="ca.crt",serialnumber="1"}', day),
      series('cert_exporter_ca_bundle_not_after{kind="ValidatingWebhookConfiguration",name="guard",webhook="v.guard.io",serialnumber="1"}', 2 * day),
      series('cert_exporter_endpoint_not_after{endpoint="metrics",exported_endpoint="10.0.0.1:6443",servername="api",serialnumber="1"}', 3 * day),
    ],
    promql_expr_test: [{
      expr: 'keelson:cert_not_after_timestamp:soonest', eval_time: '5m',
      exp_samples: [
        { labels: 'keelson:cert_not_after_timestamp:soonest{source="configmaps",object="ConfigMap web/trust/ca.crt"}', value: day },
        { labels: 'keelson:cert_not_after_timestamp:soonest{source="ca_bundles",object="caBundle of ValidatingWebhookConfiguration/guard/v.guard.io"}', value: 2 * day },
        { labels: 'keelson:cert_not_after_timestamp:soonest{source="endpoints",object="what is served at 10.0.0.1:6443/api"}', value: 3 * day },
      ],
    }],
  },
  {
    name: 'a certificate that is valid in an hour, not one that is in a minute',
    interval: '1m',
    input_series: [series('cert_exporter_not_before{node="a",path="/x",serialnumber="1"}', 3900), series('cert_exporter_not_before{node="a",path="/y",serialnumber="1"}', 360)],
    promql_expr_test: [{ expr: 'keelson:cert_not_before_timestamp:future', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_not_before_timestamp:future{source="files",node="a",path="/x"}', value: 3900 }] }],
  },
  {
    name: 'never issued is not Ready and without an expiry; a Certificate whose renewal is due is overdue',
    interval: '1m',
    input_series: [
      series('cert_exporter_certificate_ready{exported_namespace="web",name="new",issuer_ref="letsencrypt"}', 0),
      series('cert_exporter_certificate_ready{exported_namespace="web",name="old",issuer_ref="letsencrypt"}', 0),
      series('cert_exporter_certificate_cr_not_after{exported_namespace="web",name="old",issuer_ref="letsencrypt"}', day),
      series('cert_exporter_certificate_renewal_time{exported_namespace="web",name="old",issuer_ref="letsencrypt"}', -3600),
      series('cert_exporter_certificate_renewal_time{exported_namespace="web",name="fine",issuer_ref="letsencrypt"}', day),
    ],
    promql_expr_test: [
      { expr: 'keelson:cert_never_issued:info', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_never_issued:info{namespace="web",certificate="new",issuer_ref="letsencrypt"}', value: 1 }] },
      { expr: 'keelson:cert_renewal_overdue_seconds:max', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_renewal_overdue_seconds:max{namespace="web",certificate="old",issuer_ref="letsencrypt"}', value: 3900 }] },
    ],
  },
  {
    name: 'only endpoints that are stale or not trusted are named',
    interval: '1m',
    input_series: [
      series('cert_exporter_endpoint_stale{exported_endpoint="a:1",servername=""}', 1), series('cert_exporter_endpoint_stale{exported_endpoint="b:1",servername=""}', 0),
      series('cert_exporter_endpoint_verified{exported_endpoint="a:1",servername=""}', 1), series('cert_exporter_endpoint_verified{exported_endpoint="b:1",servername="b"}', 0),
    ],
    promql_expr_test: [
      { expr: 'keelson:cert_endpoint_stale:info', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_endpoint_stale:info{address="a:1"}', value: 1 }] },
      { expr: 'keelson:cert_endpoint_untrusted:info', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_endpoint_untrusted:info{address="b:1",servername="b"}', value: 1 }] },
    ],
  },
  {
    name: 'a node whose kubelet is known and whose files nobody reads is unwatched, also when the kubelet is down',
    interval: '1m',
    input_series: [series('up{job="kubelet",node="a"}', 1), series('up{job="kubelet",node="b"}', 0), series('up{job="kubelet",node="c"}', 1), series('cert_exporter_source_up{node="a",source="files"}', 1), series('cert_exporter_source_up{node="a",source="secrets"}', 0), series('cert_exporter_source_up{node="b",source="secrets"}', 1)],
    promql_expr_test: [
      { expr: 'keelson:cert_nodes_unwatched:count', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_nodes_unwatched:count', value: 2 }] },
      { expr: 'keelson:cert_source_up:min', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_source_up:min{source="files"}', value: 1 }, { labels: 'keelson:cert_source_up:min{source="secrets"}', value: 0 }] },
    ],
  },
  {
    name: 'all nodes watched is a zero, not silence',
    interval: '1m',
    input_series: [series('up{job="kubelet",node="a"}', 1), series('cert_exporter_source_up{node="a",source="files"}', 1)],
    promql_expr_test: [{ expr: 'keelson:cert_nodes_unwatched:count', eval_time: '5m', exp_samples: [{ labels: 'keelson:cert_nodes_unwatched:count', value: 0 }] }],
  },
  {
    name: 'revocation lists in files and in Secrets, and tokens',
    interval: '1m',
    input_series: [
      series('cert_exporter_crl_next_update{path="/etc/ca.crl",namespace="keelson-system",name="",key="",issuer_cn="CA"}', day),
      series('cert_exporter_crl_next_update{path="",exported_namespace="web",name="lists",key="ca.crl",issuer_cn="CA"}', 2 * day),
      series('cert_exporter_token_not_after{node="a",path="/run/token"}', 0),
    ],
    promql_expr_test: [
      { expr: 'keelson:crl_next_update_timestamp:soonest', eval_time: '5m', exp_samples: [{ labels: 'keelson:crl_next_update_timestamp:soonest{object="/etc/ca.crl"}', value: day }, { labels: 'keelson:crl_next_update_timestamp:soonest{object="web lists ca.crl"}', value: 2 * day }] },
      { expr: 'keelson:vault_token_not_after_timestamp:soonest', eval_time: '5m', exp_samples: [{ labels: 'keelson:vault_token_not_after_timestamp:soonest{node="a",path="/run/token"}', value: 0 }] },
    ],
  },
];

interface Firing { readonly alert: string; readonly name: string; readonly input: string; readonly values: number | string; readonly before: string; readonly at: string; readonly labels: Readonly<Record<string, string>>; readonly severity?: 'notify' | 'page'; readonly summary: string; readonly description: string }

const one = ({ alert, name, input, values, before, at, labels, severity = 'notify', summary, description }: Firing): AlertCase => ({
  name, interval: '1m', input_series: [series(`${input}`, values)],
  alert_rule_test: [
    { eval_time: before, alertname: alert, exp_alerts: [] },
    { eval_time: at, alertname: alert, exp_alerts: [{ exp_labels: { ...labels, severity, team: 'platform' }, exp_annotations: { summary, description, runbook_url: `https://runbooks/${alert}.md` } }] },
  ],
});
const quiet = (alert: string, name: string, input: string, values: number | string): AlertCase => ({ name, interval: '1m', input_series: [series(input, values)], alert_rule_test: [{ eval_time: '60m', alertname: alert, exp_alerts: [] }] });

const short = { cluster_id: 'demo', source: 'files', node: 'w1', path: '/x.crt' };
const shortSeries = 'keelson:cert_life_left:ratio{cluster_id="demo",source="files",node="w1",path="/x.crt"}';
const shortText = (state: string, left: string): { summary: string; description: string; runbook_url: string } => ({
  summary: `demo: certificate /x.crt on node w1 ${state}`,
  description: `The certificate /x.crt on node w1 of cluster demo lives less than 42 days and should have been renewed long ago; ${left}. Whatever renews it does not work.`,
  runbook_url: 'https://runbooks/ShortLivedCertificateNotRenewed.md',
});

export const certificateAlertTests: readonly AlertCase[] = [
  {
    name: 'a short-lived certificate with a fiftieth of its life left is a page as well',
    interval: '1m', input_series: [series(shortSeries, 0.02)],
    alert_rule_test: [
      { eval_time: '4m', alertname: 'ShortLivedCertificateNotRenewed', exp_alerts: [] },
      { eval_time: '20m', alertname: 'ShortLivedCertificateNotRenewed', exp_alerts: (['notify', 'page'] as const).map((severity) => ({ exp_labels: { ...short, severity, team: 'platform' }, exp_annotations: shortText('has 2% of its life left', '2% of its life are left') })) },
    ],
  },
  {
    name: 'one that has expired says so',
    interval: '1m', input_series: [series(shortSeries, -0.5)],
    alert_rule_test: [{ eval_time: '20m', alertname: 'ShortLivedCertificateNotRenewed', exp_alerts: (['notify', 'page'] as const).map((severity) => ({ exp_labels: { ...short, severity, team: 'platform' }, exp_annotations: shortText('has expired', 'it has expired') })) }],
  },
  quiet('ShortLivedCertificateNotRenewed', 'a tenth of its life is when it may still be renewed', shortSeries, 0.1),
  one({
    alert: 'CertificateNotYetValid', name: 'a certificate from the future', input: 'keelson:cert_not_before_timestamp:future{cluster_id="demo",source="files",node="w1",path="/x.crt"}', values: 7200 + 1800, before: '10m', at: '30m',
    labels: short, summary: 'demo: certificate /x.crt on node w1 is not valid yet, for another 2h 0m 0s',
    description: 'The certificate /x.crt on node w1 of cluster demo becomes valid in 2h 0m 0s. Until then its peers refuse it: the clock of whoever issued it is ahead, or it was put in place too early.',
  }),
  one({
    alert: 'CertificateNeverIssued', name: 'a Certificate that never came', input: 'keelson:cert_never_issued:info{cluster_id="demo",namespace="web",certificate="tls",issuer_ref="letsencrypt"}', values: 1, before: '20m', at: '40m',
    labels: { cluster_id: 'demo', namespace: 'web', certificate: 'tls', issuer_ref: 'letsencrypt' }, summary: 'demo: Certificate web/tls has not been issued',
    description: 'Certificate web/tls of cluster demo asks letsencrypt for a certificate and has got none for half an hour. Whatever mounts its Secret does not start.',
  }),
  one({
    alert: 'CertificateRenewalFails', name: 'a renewal that is three hours late', input: 'keelson:cert_renewal_overdue_seconds:max{cluster_id="demo",namespace="web",certificate="tls",issuer_ref="letsencrypt"}', values: 10_800, before: '10m', at: '30m',
    labels: { cluster_id: 'demo', namespace: 'web', certificate: 'tls', issuer_ref: 'letsencrypt' }, summary: 'demo: the renewal of Certificate web/tls is overdue for 3h 0m 0s',
    description: 'cert-manager should have renewed Certificate web/tls of cluster demo 3h 0m 0s ago with letsencrypt. It still works, until the certificate expires.',
  }),
  quiet('CertificateRenewalFails', 'a renewal that is due now', 'keelson:cert_renewal_overdue_seconds:max{cluster_id="demo"}', 600),
  one({
    alert: 'EndpointServesOldCertificate', name: 'renewed and never reloaded', input: 'keelson:cert_endpoint_stale:info{cluster_id="demo",address="10.0.0.1:6443"}', values: 1, before: '20m', at: '40m',
    labels: { cluster_id: 'demo', address: '10.0.0.1:6443' }, summary: 'demo: 10.0.0.1:6443 still serves the certificate from before its renewal',
    description: 'The certificate behind 10.0.0.1:6443 of cluster demo was renewed, and the process has not read it again. When the old one expires its clients are refused, although every file looks right.',
  }),
  one({
    alert: 'EndpointNotTrusted', name: 'a chain that does not hold', input: 'keelson:cert_endpoint_untrusted:info{cluster_id="demo",address="10.0.0.1:6443",servername="api"}', values: 1, before: '10m', at: '20m',
    labels: { cluster_id: 'demo', address: '10.0.0.1:6443', servername: 'api' }, summary: 'demo: what 10.0.0.1:6443 (api) serves does not hold against its CA',
    description: 'Chain or name of the certificate that 10.0.0.1:6443 (api) of cluster demo serves does not hold against the configured CA: clients that check refuse it now.',
  }),
  one({
    alert: 'CertificateSourceDown', name: 'a source that is not reached', input: 'keelson:cert_source_up:min{cluster_id="demo",source="secrets"}', values: 0, before: '10m', at: '20m',
    labels: { cluster_id: 'demo', source: 'secrets' }, summary: 'demo: cert-exporter does not reach its source secrets',
    description: 'A cert-exporter of cluster demo cannot read its source secrets. It shows what it saw last; renewals and new certificates there are not seen.',
  }),
  quiet('CertificateSourceDown', 'sources that answer', 'keelson:cert_source_up:min{cluster_id="demo",source="secrets"}', 1),
  one({
    alert: 'CertificatesNotWatched', name: 'nodes without an exporter', input: 'keelson:cert_nodes_unwatched:count{cluster_id="demo"}', values: 2, before: '20m', at: '40m',
    labels: { cluster_id: 'demo' }, summary: 'demo: the certificates of 2 nodes are not watched',
    description: 'In cluster demo 2 nodes have no cert-exporter that reads their files. A certificate there expires without a word.',
  }),
  {
    name: 'a cluster that reports, but not on certificates; one that does not report at all is another alert',
    interval: '1m',
    input_series: [series('up{job="keelson-federation",cluster_id="demo",instance="i"}', 1), series('up{job="keelson-federation",cluster_id="gone",instance="i"}', 0), series('up{job="keelson-federation",cluster_id="fine",instance="i"}', 1), series('keelson:cert_nodes_unwatched:count{cluster_id="fine"}', 0), series('up{job="node-exporter",cluster_id="other",instance="i"}', 1)],
    alert_rule_test: [{
      eval_time: '40m', alertname: 'CertificatesNotWatched',
      exp_alerts: [{
        exp_labels: { cluster_id: 'demo', job: 'keelson-federation', instance: 'i', severity: 'notify', team: 'platform' },
        exp_annotations: { summary: 'demo: no report on certificates', description: 'In cluster demo nothing reports on certificates. A certificate there expires without a word.', runbook_url: 'https://runbooks/CertificatesNotWatched.md' },
      }],
    }],
  },
  one({
    alert: 'RevocationListExpires', name: 'a list that ends in an hour', input: 'keelson:crl_next_update_timestamp:soonest{cluster_id="demo",object="/etc/ca.crl"}', values: 3600 + 1800, before: '10m', at: '30m',
    labels: { cluster_id: 'demo', object: '/etc/ca.crl' }, summary: 'demo: revocation list /etc/ca.crl is out of date in 1h 0m 0s',
    description: 'The next revocation list should be in /etc/ca.crl of cluster demo and is not. Clients that check revocation then refuse every certificate of its issuer.',
  }),
  quiet('RevocationListExpires', 'a list that ends in a week', 'keelson:crl_next_update_timestamp:soonest{cluster_id="demo",object="/etc/ca.crl"}', 7 * day),
  one({
    alert: 'VaultTokenExpiresSoon', name: 'a token that Vault does not know', input: 'keelson:vault_token_not_after_timestamp:soonest{cluster_id="demo",node="w1",path="/run/token"}', values: 0, before: '10m', at: '20m',
    labels: { cluster_id: 'demo', node: 'w1', path: '/run/token' }, summary: 'demo: Vault token /run/token on node w1 has expired or is not known',
    description: 'The token in /run/token on node w1 of cluster demo has expired, or Vault does not know it. Whatever uses it gets no secrets from then on.',
  }),
  quiet('VaultTokenExpiresSoon', 'a token that is good for a month', 'keelson:vault_token_not_after_timestamp:soonest{cluster_id="demo",node="w1",path="/run/token"}', 30 * day),
];
