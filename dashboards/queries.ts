/** Pieces of queries that boards of the fleet share. */
import { inClusters } from './board.ts';

/** A series of the chosen clusters; `more` ends with a comma. */
export const of = (series: string, more = ''): string => `${series}{${more}${inClusters}}`;

/** 0 instead of no answer: for what is only there when something is wrong. */
export const orNone = (expr: string): string => `(${expr}) or vector(0)`;

/** Columns that most tables begin with. */
export const clusterColumn = { cluster_id: 'Cluster' } as const;
