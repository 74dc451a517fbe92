/** What Prometheus answered to one query of a board. */

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** [unix seconds, value]; one for an instant query. */
  readonly points: readonly (readonly [number, number])[];
}

export type Answer = { readonly kind: 'series'; readonly series: readonly Series[] } | { readonly kind: 'error'; readonly message: string };

/** The last value of a series. */
export function lastOf({ points }: Series): number {
  return points.at(-1)?.[1] ?? NaN;
}

/** The query of a target, ready to be asked: variables are filled with what "All" means. */
export function queryOf(target: object): { readonly expr: string; readonly isInstant: boolean; readonly legend: string } {
  const { expr = '', instant = false, legendFormat = '' } = target as { expr?: string; instant?: boolean; legendFormat?: string };
  return { expr: expr.replaceAll('$cluster', '.*'), isInstant: instant, legend: legendFormat };
}
