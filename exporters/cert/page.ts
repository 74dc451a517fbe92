/** The exporter's page: the certificates that expire first, read from the same lines that a scrape gets. */
import { escapeHtml } from '../core/page.ts';
import type { Snapshot } from '../core/snapshot.ts';

export interface Row {
  /** Labels as written: `path="/etc/tls.crt",serialnumber="1f"`. */
  readonly labels: string;
  readonly family: string;
  /** Unix seconds. */
  readonly notAfter: number;
  readonly notBefore: number | undefined;
}

/** A page is for reading; whoever wants all of it asks /metrics. */
const maxRows = 200;
const daySeconds = 86_400;

/** The soonest to expire first, at most `maxRows` of those that match. Lets the event loop run between blocks. */
export async function soonest(snapshot: Snapshot, search: string): Promise<{ rows: readonly Row[]; matches: number }> {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  let rows: Row[] = [];
  let matches = 0;
  for (const { family, blocks } of snapshot.families) {
    if (!family.name.endsWith('_not_after')) continue;
    for (const block of blocks) {
      const found = rowsOf(family.name, block.text()).filter(({ labels }) => words.every((word) => labels.toLowerCase().includes(word)));
      matches += found.length;
      rows = [...rows, ...found].sort((a, b) => a.notAfter - b.notAfter).slice(0, maxRows);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return { rows: await withBeginnings(snapshot, rows), matches };
}

function rowsOf(family: string, text: string): Row[] {
  return text.split('\n').filter(Boolean).map((line) => {
    const end = line.lastIndexOf(' ');
    return { family, labels: line.slice(family.length + 1, end - 1), notAfter: Number(line.slice(end + 1)), notBefore: undefined };
  });
}

/** Finds the _not_before twins of the rows that are shown, in one pass over their lines. */
async function withBeginnings(snapshot: Snapshot, rows: readonly Row[]): Promise<readonly Row[]> {
  const seriesOf = ({ family, labels }: Row): string => `${family.replace(/_not_after$/, '_not_before')}{${labels}}`;
  const wanted = new Map<string, number | undefined>(rows.map((row) => [seriesOf(row), undefined]));
  for (const { family, blocks } of snapshot.families) {
    if (!family.name.endsWith('_not_before')) continue;
    for (const block of blocks) {
      for (const line of block.text().split('\n')) {
        const series = line.slice(0, line.lastIndexOf(' '));
        if (wanted.has(series)) wanted.set(series, Number(line.slice(series.length + 1)));
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return rows.map((row) => ({ ...row, notBefore: wanted.get(seriesOf(row)) }));
}

/** HTML of the table. */
export function expiryTable({ rows, matches }: { rows: readonly Row[]; matches: number }, nowSeconds: number): string {
  const body = rows.map(({ family, labels, notAfter, notBefore }) => {
    const days = Math.floor((notAfter - nowSeconds) / daySeconds);
    const left = notBefore === undefined ? '' : `<meter min="0" max="1" low="0.2" high="0.33" optimum="1" value="${fraction({ notBefore, notAfter, nowSeconds })}"></meter>`;
    return `<tr><td${days < 0 ? ' class="late"' : ''}>${escapeHtml(new Date(notAfter * 1000).toISOString().slice(0, 16).replace('T', ' '))}</td><td>${days}</td><td>${left}</td><td>${escapeHtml(placeOf(family))}</td><td>${escapeHtml(labels)}</td></tr>`;
  });
  return `<h2>Soonest to expire</h2>
<p>${rows.length < matches ? `${rows.length} of ` : ''}${matches} ${matches === 1 ? 'certificate' : 'certificates'}</p>
<table id="certificates"><tr><th>not after (UTC)</th><th>days</th><th>lifetime left</th><th>place</th><th>labels</th></tr>
${body.join('\n')}
</table>
`;
}

const fraction = (of: { notBefore: number; notAfter: number; nowSeconds: number }): string =>
  Math.min(1, Math.max(0, (of.notAfter - of.nowSeconds) / Math.max(1, of.notAfter - of.notBefore))).toFixed(3);

/** "cert_exporter_secret_not_after" → "secret"; files have no word of their own. */
const placeOf = (family: string): string => family.replace(/^cert_exporter_?/, '').replace(/_?not_after$/, '').replaceAll('_', ' ') || 'file';
