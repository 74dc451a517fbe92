import { recovery } from '../../../provisioner/helm/recover.ts';
import type { Release, ReleaseStatus, Revision } from '../../../provisioner/helm/index.ts';

const now = new Date('2026-11-01T12:00:00Z');
const options = { now, pendingAfterMs: 60_000 };
const old = new Date('2026-11-01T11:00:00Z');

function release(status: ReleaseStatus, lastDeployed: Date | undefined = old): Release {
  return { name: 'web', namespace: 'default', revision: 3, status, description: '', lastDeployed, objects: [] };
}

function revisions(...statuses: readonly ReleaseStatus[]): readonly Revision[] {
  return statuses.map((status, i) => ({ revision: i + 1, status, description: '' }));
}

describe('recovery', () => {
  it.each(['deployed', 'failed', 'superseded', 'uninstalled'] as const)('leaves a release that is %s alone', (status) => {
    expect(recovery(release(status), [], options)).toEqual({ kind: 'none' });
  });

  it('has nothing to do where there is no release', () => {
    expect(recovery(undefined, [], options)).toEqual({ kind: 'none' });
  });

  it('waits while the operation may still run', () => {
    expect(recovery(release('pending-upgrade', new Date('2026-11-01T11:59:30Z')), revisions('deployed', 'pending-upgrade'), options)).toEqual({ kind: 'wait' });
  });

  it('removes a first install that did not end', () => {
    expect(recovery(release('pending-install'), revisions('pending-install'), options)).toEqual({ kind: 'uninstall' });
  });

  it('finishes an uninstallation that did not end', () => {
    expect(recovery(release('uninstalling'), [], options)).toEqual({ kind: 'uninstall' });
  });

  it('goes back to the deployed revision, not to a failed one after it', () => {
    expect(recovery(release('pending-upgrade'), revisions('superseded', 'deployed', 'failed', 'pending-upgrade'), options)).toEqual({ kind: 'rollback', revision: 2 });
  });

  it('goes back to the newest superseded revision when none is deployed any more', () => {
    expect(recovery(release('pending-rollback'), revisions('superseded', 'superseded', 'pending-rollback'), options)).toEqual({ kind: 'rollback', revision: 2 });
  });

  it('keeps what a failed install created rather than remove it', () => {
    expect(recovery(release('pending-upgrade'), revisions('failed', 'pending-upgrade'), options)).toEqual({ kind: 'rollback', revision: 1 });
  });
});
