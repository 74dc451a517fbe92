/**
 * What a killed Helm leaves behind. Helm marks a release as pending while it works and refuses every operation on a pending release;
 * it has no command that clears the mark (https://github.com/helm/helm/issues/4558).
 */
import { HelmError } from './errors.ts';
import type { ReleaseRef } from './options.ts';
import type { Release, Revision } from './output.ts';

/** The operations of the driver that a recovery needs. */
export interface Recoverable {
  status(o: ReleaseRef): Promise<Release | undefined>;
  history(o: ReleaseRef): Promise<readonly Revision[]>;
  rollback(o: ReleaseRef & { readonly revision: number }): Promise<void>;
  uninstall(o: ReleaseRef & { readonly wait?: boolean; readonly hooks?: boolean }): Promise<void>;
}

export type Recovery =
  | { readonly kind: 'none' }
  /** The operation may still run: too young to be called dead. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'rollback'; readonly revision: number }
  /** Nothing worth keeping: a first install or an uninstallation that did not end. */
  | { readonly kind: 'uninstall' };

/** Decides what to do with a release before it can be upgraded. */
export function recovery(
  release: Release | undefined, revisions: readonly Revision[], o: { readonly now: Date; readonly pendingAfterMs: number },
): Recovery {
  if (release?.status === 'uninstalling') return { kind: 'uninstall' };
  if (!release?.status.startsWith('pending-')) return { kind: 'none' };
  if (isYoung(release, o)) return { kind: 'wait' };
  const target = newest(revisions, 'deployed') ?? newest(revisions, 'superseded') ?? newest(revisions, 'failed');
  return target ? { kind: 'rollback', revision: target.revision } : { kind: 'uninstall' };
}

/** @throws {HelmError} HELM_PENDING while the other operation may still run */
export async function recoverPending(helm: Recoverable, ref: ReleaseRef, o: { readonly now: Date; readonly pendingAfterMs: number }): Promise<void> {
  const { release, namespace, kubeconfig, asUser, timeoutMs, signal } = ref;
  const target: ReleaseRef = { release, namespace, kubeconfig, asUser, ...(timeoutMs === undefined ? {} : { timeoutMs }), signal };
  const found = await helm.status(target);
  const needsHistory = found?.status.startsWith('pending-') ?? false;
  const plan = recovery(found, needsHistory ? await helm.history(target) : [], o);
  switch (plan.kind) {
    case 'none': return;
    case 'wait': throw stillPending(ref, found?.status);
    case 'rollback': return await helm.rollback({ ...target, revision: plan.revision });
    case 'uninstall': return await helm.uninstall({ ...target, hooks: false, wait: true });
  }
}

function isYoung(release: Release, o: { readonly now: Date; readonly pendingAfterMs: number }): boolean {
  return release.lastDeployed !== undefined && o.now.getTime() - release.lastDeployed.getTime() < o.pendingAfterMs;
}

/** The operation may still run. */
export function stillPending({ release, namespace }: Pick<ReleaseRef, 'release' | 'namespace'>, status = 'pending'): HelmError {
  return new HelmError('HELM_PENDING', `upgrade of release ${release} in ${namespace}: it is ${status}; it is tried again`);
}

function newest(revisions: readonly Revision[], status: Revision['status']): Revision | undefined {
  return revisions.filter((r) => r.status === status).sort((a, b) => b.revision - a.revision)[0];
}
