import { HelmError } from '../../../../provisioner/helm/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { afterFailure, restMs, shouldRollBack } from '../../../../provisioner/operators/app/remediation.ts';

const good = { name: 'r', namespace: 'n', chart: 'c', version: '1', revision: 3, digest: 'old' };
const app = (spec: object = {}, lastGood: typeof good | null = good): AppObject => ({ apiVersion: '', kind: 'App', metadata: { name: 'a' }, spec: { chart: '', namespace: '', values: {}, dependsOn: [], ...spec }, status: lastGood ? { lastGood } : {} });

it.each([
  ['an upgrade that failed', app(), 'new', new HelmError('HELM_FAILED', ''), true],
  ['a field that cannot be changed', app(), 'new', new HelmError('HELM_IMMUTABLE', ''), true],
  ['an upgrade that went through and is not healthy', app(), 'new', undefined, true],
  ['nothing that was ever good', app({}, null), 'new', new HelmError('HELM_FAILED', ''), false],
  ['what was good already: a node that is gone is no failed upgrade', app(), 'old', undefined, false],
  ['an App that wants to stay where it is', app({ onUpgradeFailure: 'Keep' }), 'new', new HelmError('HELM_FAILED', ''), false],
  ['values that the chart refuses: nothing was run', app(), 'new', new HelmError('HELM_VALUES_INVALID', ''), false],
  ['a Helm that was killed: that is no fault of the upgrade', app(), 'new', new HelmError('HELM_KILLED', ''), false],
  ['a cluster that is away', app(), 'new', new HelmError('HELM_UNREACHABLE', ''), false],
] as const)('%s', (_name, of, digest, error, expected) => {
  expect(shouldRollBack(of, digest, error)).toBe(expected);
});

it('the same chart and values rest for longer each time, others go at once', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  let failed = afterFailure(undefined, { digest: 'a', message: 'm', now });
  expect(restMs(failed, 'a', now)).toBe(300_000);
  for (let i = 0; i < 9; i++) failed = afterFailure(failed, { digest: 'a', message: 'm', now });
  expect([failed.attempts, restMs(failed, 'a', now)]).toEqual([10, 3_600_000]);
  expect(restMs(failed, 'b', now)).toBeUndefined();
  expect(restMs(failed, 'a', new Date(now.getTime() + 3_600_000))).toBeUndefined();
  expect(afterFailure(failed, { digest: 'b', message: 'm', now }).attempts).toBe(1);
});
