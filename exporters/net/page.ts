/** The exporter's page: what this node sees of others, and what it concludes. */
import { escapeHtml } from '../core/page.ts';
import { verdicts } from './catalogue.ts';
import type { Row } from './matrix/row.ts';
import type { NtpServerRound } from './ntp/round.ts';
import type { DnsServerRound } from './dns/round.ts';
import type { ServiceRound } from './service.ts';
import type { TargetRound } from './targets/round.ts';

export interface PageContent {
  readonly row: Row;
  readonly services: readonly ServiceRound[];
  readonly dns: readonly DnsServerRound[];
  readonly ntp: readonly NtpServerRound[];
  readonly targets: readonly TargetRound[];
  readonly hasMatrix: boolean;
}

/** HTML between the heading and the sources. */
export function rowSection({ row, services, dns, ntp, targets, hasMatrix }: PageContent): string {
  return [
    `<p>Node <b>${escapeHtml(row.node)}</b>, zone <b>${escapeHtml(row.zone || 'none')}</b>.${hasMatrix ? ' <a href="matrix">All nodes as a heat map</a>' : ''}</p>`,
    findingsList(row), peersTable(row),
    table('services', 'Service addresses', ['service', 'address', 'state', 'connected in'], services.map(({ service, results }) => {
      const last = results.at(-1);
      return [service.service, `${service.address} port ${service.port}`, last?.kind === 'failed' ? bad(`${last.error}: ${last.detail}`) : good, last?.kind === 'connected' ? milliseconds(last.seconds) : ''];
    })),
    table('dns', 'DNS', ['server', 'role', 'name', 'over', 'result', 'fastest'], dns.flatMap(({ server, answers }) => answers.map(({ name, proto, result, seconds }) => [server.name, server.role, name, proto, result === 'NOERROR' ? good : bad(result), milliseconds(seconds)]))),
    table('ntp', 'Clock', ['server', 'result', 'offset', 'stratum', 'round trip'], ntp.map(({ server, result, detail, best, roundTrips }) => [server, result === 'ok' ? good : bad(`${result} ${detail}`), milliseconds(best?.offset), best ? String(best.stratum) : '', milliseconds(roundTrips[0])])),
    table('targets', 'Targets', ['target', 'kind', 'state', 'took', 'certificate until'], targets.map(({ target, error, detail, seconds, certificateNotAfter }) => [target.name, target.type, error === undefined ? good : bad(`${error}: ${detail}`), milliseconds(seconds), certificateNotAfter === undefined ? '' : new Date(certificateNotAfter * 1000).toISOString().slice(0, 10)])),
  ].join('');
}

function findingsList({ findings }: Row): string {
  if (findings.length === 0) return '<p id="findings">Nothing is wrong as seen from here.</p>\n';
  const items = findings.map(({ verdict, subject, detail }) => `<li><b class="late">${escapeHtml(verdict)}</b> ${escapeHtml(subject)} ${escapeHtml(detail)}<br>${escapeHtml(verdicts[verdict].meaning)}</li>`);
  return `<ul id="findings">\n${items.join('\n')}\n</ul>\n`;
}

function peersTable({ cells }: Row): string {
  return table('peers', 'Peers', ['node', 'zone', 'state', 'round trip', 'jitter', 'loss', 'loss near the MTU'], cells.map((cell) => [
    cell.node, cell.zone, cell.isUp ? good : bad('no answer'), milliseconds(cell.roundTrip ?? undefined), milliseconds(cell.jitter ?? undefined), percent(cell.loss), percent(cell.largeLoss),
  ]));
}

/** Text is escaped; a cell that stands out is marked. */
type TableCell = string | { readonly bad: string };

const good = 'ok';
const bad = (text: string): TableCell => ({ bad: text });

function table(id: string, title: string, head: readonly string[], rows: readonly (readonly TableCell[])[]): string {
  if (rows.length === 0) return '';
  const body = rows.map((row) => `<tr>${row.map((cell) => (typeof cell === 'string' ? `<td>${escapeHtml(cell)}</td>` : `<td class="late">${escapeHtml(cell.bad)}</td>`)).join('')}</tr>`);
  return `<h2>${escapeHtml(title)}</h2>\n<table id="${id}"><tr>${head.map((name) => `<th>${escapeHtml(name)}</th>`).join('')}</tr>\n${body.join('\n')}\n</table>\n`;
}

/** "0.31 ms"; empty for undefined. */
export const milliseconds = (seconds: number | undefined): string => (seconds === undefined ? '' : `${(seconds * 1000).toPrecision(3)} ms`);

export const percent = (ratio: number): string => `${(ratio * 100).toFixed(ratio > 0 && ratio < 0.1 ? 1 : 0)} %`;
