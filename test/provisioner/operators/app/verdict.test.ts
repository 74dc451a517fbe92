import { HelmError, type HelmErrorCode, RepositoryError } from '../../../../provisioner/helm/index.ts';
import { KubeError } from '../../../../provisioner/kube/index.ts';
import { failureVerdict, workloadVerdict } from '../../../../provisioner/operators/app/verdict.ts';
import { OperatorError } from '../../../../provisioner/operators/errors.ts';

describe('failureVerdict', () => {
  it.each([
    ['HELM_UNREACHABLE', 'x', 'WaitingForCluster', false],
    ['HELM_PENDING', 'x', 'Installing', false],
    ['HELM_VALUES_INVALID', 'x', 'ValuesInvalid', true],
    ['HELM_CHART_INVALID', 'execution error at (a.yaml): b is required', 'ValuesInvalid', true],
    ['HELM_CHART_INVALID', 'parse error', 'InstallFailed', true],
    ['HELM_KIND_MISSING', 'x', 'InstallFailed', false],
  ] as const)('%s (%s) is %s', (code: HelmErrorCode, message, reason, isFinal) => {
    expect(failureVerdict(new HelmError(code, message))).toMatchObject({ status: 'False', reason, isFinal });
  });

  it('knows the errors of other rooms', () => {
    expect(failureVerdict(new KubeError('KUBE_UNREACHABLE', 'x'))).toMatchObject({ reason: 'WaitingForCluster' });
    expect(failureVerdict(new OperatorError('CHART_NOT_FOUND', 'x'))).toMatchObject({ reason: 'ChartNotFound', isFinal: true });
    expect(failureVerdict(new OperatorError('VALUES_UNREADABLE', 'x'))).toMatchObject({ reason: 'ValuesInvalid', isFinal: true });
    expect(failureVerdict(new RepositoryError('REPOSITORY_REFUSED', 'x'))).toMatchObject({ reason: 'CatalogNotReady', isFinal: true });
    expect(failureVerdict(new RepositoryError('REPOSITORY_UNREACHABLE', 'x'))).toMatchObject({ reason: 'CatalogNotReady', isFinal: false });
    expect(failureVerdict(new Error('x'))).toMatchObject({ reason: 'InstallFailed', isFinal: false });
  });
});

describe('workloadVerdict', () => {
  const healthy = { object: 'Deployment n/a', health: { kind: 'healthy' as const } };
  const waiting = { object: 'Deployment n/b', health: { kind: 'progressing' as const, message: '0 of 1 pods are available' } };
  const young = { ageMs: 1000, patienceMs: 60_000 };

  it('is Ready when all are healthy, also where there are none', () => {
    expect(workloadVerdict([healthy], young)).toMatchObject({ status: 'True', reason: 'Installed' });
    expect(workloadVerdict([], young)).toMatchObject({ status: 'True' });
  });

  it('names what is not, as progress at first and as unhealthy later', () => {
    expect(workloadVerdict([healthy, waiting], young)).toMatchObject({ status: 'False', reason: 'Installing', message: 'Deployment n/b: 0 of 1 pods are available' });
    expect(workloadVerdict([healthy, waiting], { ...young, ageMs: 60_001 })).toMatchObject({ reason: 'Unhealthy' });
  });

  it('is unhealthy at once when its controller has given up', () => {
    expect(workloadVerdict([{ object: 'x', health: { kind: 'failed', message: 'm' } }], young)).toMatchObject({ reason: 'Unhealthy' });
  });

  it('says when something is gone', () => {
    expect(workloadVerdict([healthy, { object: 'Deployment n/c', health: undefined }], young)).toMatchObject({ status: 'False', reason: 'Unhealthy', isMissing: true });
  });
});
