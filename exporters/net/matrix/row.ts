/** What one node says of its peers: a row of the matrix, as `/row` serves it and the matrix collects it. */
import type { RoundReport, Watched } from '../mesh/mesh.ts';
import type { Finding } from '../verdict/finding.ts';

export interface Row {
  readonly node: string;
  readonly zone: string;
  readonly cells: readonly Cell[];
  readonly findings: readonly Finding[];
}

export interface Cell {
  readonly node: string;
  readonly zone: string;
  readonly isUp: boolean;
  /** Median round trip of the last round in seconds; null where nothing came back. */
  readonly roundTrip: number | null;
  readonly jitter: number | null;
  /** Parts of the small and the large datagrams of the last rounds that were lost, 0 to 1. */
  readonly loss: number;
  readonly largeLoss: number;
}

export function rowOf(me: { readonly node: string; readonly zone: string }, report: RoundReport | undefined, findings: readonly Finding[]): Row {
  return { ...me, cells: (report?.watched ?? []).map(cellOf), findings };
}

function cellOf({ peer: { node, zone }, history }: Watched): Cell {
  const { loss, roundTrip = null, jitter = null, isUp } = history;
  return { node, zone, isUp, roundTrip, jitter, loss: ratio(loss.small), largeLoss: ratio(loss.large) };
}

const ratio = ({ sent, lost }: { readonly sent: number; readonly lost: number }): number => (sent > 0 ? lost / sent : 0);

/** A row that another exporter sent, or undefined for anything else: it is drawn, so nothing in it is taken on trust. */
export function readRow(text: string): Row | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !isName(value['node']) || !isName(value['zone']) || !Array.isArray(value['cells']) || value['cells'].length > maxCells) return undefined;
  const cells = value['cells'].map(readCell);
  const findings = Array.isArray(value['findings']) ? value['findings'].slice(0, maxCells).flatMap((one) => readFinding(one) ?? []) : [];
  return cells.every((cell) => cell !== undefined) ? { node: value['node'], zone: value['zone'], cells, findings } : undefined;
}

const maxCells = 1000;

function readCell(value: unknown): Cell | undefined {
  if (!isRecord(value) || !isName(value['node']) || !isName(value['zone']) || typeof value['isUp'] !== 'boolean') return undefined;
  const { node, zone, isUp } = value as { node: string; zone: string; isUp: boolean };
  return { node, zone, isUp, roundTrip: number(value['roundTrip']), jitter: number(value['jitter']), loss: number(value['loss']) ?? 0, largeLoss: number(value['largeLoss']) ?? 0 };
}

function readFinding(value: unknown): Finding | undefined {
  if (!isRecord(value) || !isName(value['verdict']) || !isName(value['subject']) || !isName(value['detail'])) return undefined;
  return { verdict: value['verdict'] as Finding['verdict'], subject: value['subject'], detail: value['detail'] };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= 253;
const number = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null);
