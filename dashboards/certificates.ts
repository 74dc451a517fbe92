/** Certificates of all clusters: what ends first, what is not renewed, what is not seen. Reads the recorded family only. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { days, parts } from '../monitoring/rules/certificates/expiry.ts';
import { board, inClusters, type OwnName } from './board.ts';
import { lines, stat, table, type Step } from './panel.ts';

const day = 86_400;
const byTime: readonly Step[] = [{ from: null, color: 'red' }, { from: days.page * day, color: 'orange' }, { from: days.notify * day, color: 'green' }];
const byPart: readonly Step[] = [{ from: null, color: 'red' }, { from: parts.page, color: 'orange' }, { from: parts.notify, color: 'green' }];
const noneIsGood: readonly Step[] = [{ from: null, color: 'green' }, { from: 1, color: 'orange' }];
const soonest = `keelson:cert_not_after_timestamp:soonest{${inClusters}}`;
const where = { cluster_id: 'Cluster', source: 'Source', node: 'Node', path: 'Path', namespace: 'Namespace', secret: 'Secret', secretkey: 'Key', object: 'Object' };

export const certificatesBoard = ({ uid, title }: OwnName = { uid: 'keelson-certificates', title: 'Keelson / Certificates' }): Dashboard =>
  board({
    uid,
    title,
    description: 'When certificates end, which are not renewed, and which nobody watches.',
    tags: ['certificates'],
    clustersOf: 'keelson:cert_not_after_timestamp:min',
    rows: [
      {
        title: 'Now',
        panels: [
          stat({ title: 'First to expire', description: `Time until the first certificate of the chosen clusters expires. Below ${days.notify} days somebody plans its renewal, below ${days.page} somebody renews it now.`, unit: 'dtdurations', expr: `min(keelson:cert_not_after_timestamp:min{${inClusters}}) - time()`, steps: byTime, none: 'none is watched' }),
          stat({ title: `Expire in ${days.notify} days`, description: `Certificates of a long life that expire within ${days.notify} days, expired ones included. The table below names them.`, unit: 'short', expr: `count(${soonest} - time() < ${days.notify * day}) or vector(0)`, steps: noneIsGood, none: '0' }),
          stat({ title: 'Short-lived, not renewed', description: `Certificates that live less than six weeks with less than ${parts.notify * 100} % of their life left: whatever renews them does not.`, unit: 'short', expr: `count(keelson:cert_life_left:ratio{${inClusters}} < ${parts.notify}) or vector(0)`, steps: noneIsGood, none: '0' }),
          stat({ title: 'Never issued or overdue', description: 'Certificates of cert-manager that have never been issued, or whose renewal is due for more than two hours.', unit: 'short', expr: `(count(keelson:cert_never_issued:info{${inClusters}}) or vector(0)) + (count(keelson:cert_renewal_overdue_seconds:max{${inClusters}} > 7200) or vector(0))`, steps: noneIsGood, none: '0' }),
          stat({ title: 'Served old or untrusted', description: 'Endpoints that serve a certificate from before its renewal, or one that does not hold against its CA.', unit: 'short', expr: `(count(keelson:cert_endpoint_stale:info{${inClusters}}) or vector(0)) + (count(keelson:cert_endpoint_untrusted:info{${inClusters}}) or vector(0))`, steps: noneIsGood, none: '0' }),
          stat({ title: 'Nodes not watched', description: 'Nodes whose files no cert-exporter reads. A certificate there expires without a word.', unit: 'short', expr: `sum(keelson:cert_nodes_unwatched:count{${inClusters}})`, steps: noneIsGood, none: 'no report' }),
        ],
      },
      {
        title: 'Which',
        panels: [
          table({ title: 'Soonest to expire', description: 'The twenty per source and cluster that expire first, of those that live six weeks or more. Runbook: CertificateExpiresSoon.', unit: 'dtdurations', expr: `${soonest} - time()`, columns: where, value: 'Time left', steps: byTime, none: 'no certificate is watched' }),
          table({ title: 'Short-lived: least life left', description: 'Certificates that live less than six weeks, by the part of their life that is left. cert-manager renews at a third. Runbook: ShortLivedCertificateNotRenewed.', unit: 'percentunit', expr: `keelson:cert_life_left:ratio{${inClusters}}`, columns: where, value: 'Life left', steps: byPart, none: 'none lives less than six weeks' }),
          table({ title: 'Renewal overdue', description: 'Certificates of cert-manager by how long their renewal has been due. Runbook: CertificateRenewalFails.', unit: 'dtdurations', expr: `keelson:cert_renewal_overdue_seconds:max{${inClusters}}`, columns: { cluster_id: 'Cluster', namespace: 'Namespace', certificate: 'Certificate', issuer_ref: 'Issuer' }, value: 'Overdue', steps: [{ from: null, color: 'green' }, { from: 7200, color: 'orange' }], none: 'none is overdue', width: 12 }),
          table({ title: 'Endpoints that serve an old certificate', description: 'Renewed on disk or in its Secret, and not read again by the process. Runbook: EndpointServesOldCertificate.', unit: 'short', expr: `keelson:cert_endpoint_stale:info{${inClusters}}`, columns: { cluster_id: 'Cluster', address: 'Endpoint', servername: 'Name' }, value: 'Old', steps: noneIsGood, none: 'none', width: 12 }),
        ],
      },
      {
        title: 'Over time',
        panels: [
          lines({ title: 'Time to the first expiry', description: 'Per cluster and source: a line that only falls is one that nothing renews.', unit: 'dtdurations', expr: `keelson:cert_not_after_timestamp:min{${inClusters}} - time()`, legend: '{{cluster_id}} {{source}}', none: 'no certificate is watched' }),
          lines({ title: 'Sources that answer', description: '1: every exporter reaches the source; 0: one does not, and shows what it saw last. Runbook: CertificateSourceDown.', unit: 'short', expr: `keelson:cert_source_up:min{${inClusters}}`, legend: '{{cluster_id}} {{source}}', none: 'no exporter reports' }),
        ],
      },
    ],
  });
