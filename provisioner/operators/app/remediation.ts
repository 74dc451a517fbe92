/** What follows an upgrade that failed: pure decisions. */
import { HelmError } from '../../helm/index.ts';
import type { AppObject, AppObjectStatus } from './app-object.ts';

export type Failed = NonNullable<AppObjectStatus['failed']>;

/** First and longest pause before the same chart and values are tried again by themselves, in milliseconds. */
const retryMs = { base: 300_000, max: 3_600_000 } as const;

/** What a rollback cannot help with: nothing was changed, it is not over, or it is not the upgrade's fault. */
const unchanged = new Set(['HELM_UNREACHABLE', 'HELM_ABORTED', 'HELM_KILLED', 'HELM_PENDING', 'HELM_BINARY_MISSING', 'HELM_OUTPUT_INVALID', 'HELM_CHART_INVALID', 'HELM_VALUES_INVALID', 'HELM_CRD_UNSAFE', 'HELM_FORBIDDEN']);

/** Whether to go back to the last good revision. @param error of the upgrade; undefined: it went through and what it made is not healthy */
export function shouldRollBack(app: AppObject, digest: string, error?: unknown): boolean {
  if ((app.spec.onUpgradeFailure ?? 'Rollback') !== 'Rollback') return false;
  if (error !== undefined && (!(error instanceof HelmError) || unchanged.has(error.code))) return false;
  return app.status?.lastGood !== undefined && app.status.lastGood.digest !== digest;
}

export function afterFailure(before: Failed | undefined, o: { readonly digest: string; readonly message: string; readonly now: Date }): Failed {
  const attempts = before?.digest === o.digest ? before.attempts + 1 : 1;
  const pauseMs = Math.min(retryMs.max, retryMs.base * 2 ** (attempts - 1));
  return { digest: o.digest, attempts, retryAt: new Date(o.now.getTime() + pauseMs).toISOString().replace(/\.\d+Z$/, 'Z'), message: o.message.slice(0, 4096) };
}

/** How long this chart and these values rest after they failed, in milliseconds; undefined: they may be tried. */
export function restMs(failed: Failed | undefined, digest: string, now: Date): number | undefined {
  if (failed?.digest !== digest) return undefined;
  const ms = Date.parse(failed.retryAt) - now.getTime();
  return ms > 0 ? ms : undefined;
}
