/** The rows of all nodes, asked from the peers themselves: so many at a time, and by a deadline drawn with what came. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import { readRow, type Row } from './row.ts';

export interface Matrix {
  /** Sorted by zone and node. */
  readonly rows: readonly Row[];
  /** Nodes that were asked and did not answer, or sent something else than a row. */
  readonly missing: readonly { readonly node: string; readonly zone: string }[];
  /** Peers that were not asked, because there are more than `maxPeers`. */
  readonly left: number;
}

export interface Source {
  readonly node: string;
  readonly zone: string;
  /** The text that the node serves at /row. */
  readonly row: (signal: AbortSignal) => Promise<string>;
}

export interface CollectOptions {
  readonly maxPeers: number;
  readonly concurrency: number;
  readonly deadlineMs: number;
  readonly clock: Clock;
}

/** Never rejects. @param own the row of this node, which need not be asked */
export async function collect(own: Row | undefined, sources: readonly Source[], { maxPeers, concurrency, deadlineMs, clock }: CollectOptions): Promise<Matrix> {
  const asked = sources.slice(0, maxPeers);
  const waiting = [...asked];
  const rows: Row[] = own ? [own] : [];
  const deadline = new AbortController();
  const cancel = clock.after(deadlineMs, () => deadline.abort());
  const worker = async (): Promise<void> => {
    for (let source = waiting.shift(); source && !deadline.signal.aborted; source = waiting.shift()) {
      const text = await source.row(deadline.signal).catch(() => '');
      const row = readRow(text);
      // A node speaks for itself only.
      if (row && row.node === source.node) rows.push(row);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  cancel();
  const answered = new Set(rows.map(({ node }) => node));
  return {
    rows: rows.sort(byPlace), left: sources.length - asked.length,
    missing: asked.filter(({ node }) => !answered.has(node)).map(({ node, zone }) => ({ node, zone })).sort(byPlace),
  };
}

interface Place {
  readonly node: string;
  readonly zone: string;
}

/** By zone, then by node; digits as numbers: node-2 before node-10. */
export const byPlace = (a: Place, b: Place): number => collator.compare(a.zone, b.zone) || collator.compare(a.node, b.node);
const collator = new Intl.Collator('en', { numeric: true });

/** A row of the largest mesh is a tenth of this. */
const maxRowBytes = 1_000_000;

/** Rejects when there is no answer with status 200 before the signal. */
export function fetchRow(place: { readonly address: string; readonly port: number; readonly isTls: boolean }, signal: AbortSignal): Promise<string> {
  const { request } = place.isTls ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  return new Promise((resolve, reject) => {
    const sent = request({ host: place.address, port: place.port, path: '/row', agent: false, signal, ...(place.isTls ? { rejectUnauthorized: false } : {}) });
    sent.on('error', reject);
    sent.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > maxRowBytes) sent.destroy(new Error('the row is too long'));
      });
      response.on('error', reject);
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`status ${response.statusCode}`))));
    });
    sent.end();
  });
}
