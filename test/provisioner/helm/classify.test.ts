import { classify, lastError } from '../../../provisioner/helm/classify.ts';
import { failure } from '../../../provisioner/helm/failure.ts';

describe('classify', () => {
  it.each([
    ['Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress', 'HELM_PENDING'],
    ["Error: values don't meet the specifications of the schema(s) in the following chart(s):\nweb:\n- at '/replicas': got string, want integer", 'HELM_VALUES_INVALID'],
    ['Error: UPGRADE FAILED: failed to patch "x": Deployment.apps "x" is invalid: spec.selector: Invalid value: {}: field is immutable', 'HELM_IMMUTABLE'],
    ['Error: UPGRADE FAILED: StatefulSet.apps "x" is invalid: spec: Forbidden: updates to statefulset spec for fields other than replicas are forbidden', 'HELM_IMMUTABLE'],
    ['Error: UPGRADE FAILED: CustomResourceDefinition.apiextensions.k8s.io "x" is invalid: status.storedVersions[0]: Invalid value: "v1": must appear in spec.versions', 'HELM_CRD_REFUSED'],
    ['Error: execution error at (web/templates/a.yaml:3:4): cloud is required', 'HELM_CHART_INVALID'],
    ['Error: path "/nowhere" not found', 'HELM_CHART_INVALID'],
    ['Error: unable to build kubernetes objects from release manifest: resource mapping not found for name: "x" namespace: "" from "": no matches for kind "ServiceMonitor" in version "monitoring.coreos.com/v1"', 'HELM_KIND_MISSING'],
    ['Error: ConfigMap "a" in namespace "b" exists and cannot be imported into the current release: invalid ownership metadata', 'HELM_CONFLICT'],
    ['Error: kubernetes cluster unreachable: Get "https://127.0.0.1:1/version": dial tcp 127.0.0.1:1: connect: connection refused', 'HELM_UNREACHABLE'],
    ['Error: query: failed to query with labels: secrets is forbidden: User "system:anonymous" cannot list resource "secrets"', 'HELM_FORBIDDEN'],
    ['Error: INSTALLATION FAILED: context deadline exceeded', 'HELM_TIMEOUT'],
    ['Error: something nobody has seen', 'HELM_FAILED'],
  ])('%s', (stderr, code) => {
    expect(classify(stderr).code).toBe(code);
  });
});

describe('lastError', () => {
  it('drops warnings before the error and joins its lines', () => {
    expect(lastError('level=WARN msg="x"\nError: values:\n- at a\n\n- at b\n')).toBe('values:; - at a; - at b');
  });

  it('is bounded', () => {
    expect(lastError(`Error: ${'x'.repeat(5000)}`)).toHaveLength(600);
  });
});

describe('failure', () => {
  it('keeps secrets of the values out of the message', () => {
    const error = failure('upgrade of release a in b', { kind: 'exited', code: 1, stdout: '', stderr: 'Error: at /password: "hunter2-hunter2" is no integer' }, ['hunter2-hunter2']);
    expect(error.message).toContain('[redacted]');
    expect(error.message).not.toContain('hunter2');
  });

  it('reports the findings of a lint', () => {
    const error = failure('lint of web', { kind: 'exited', code: 1, stdout: '==> Linting web\n[ERROR] Chart.yaml: version is required\n', stderr: 'Error: 1 chart(s) linted, 1 chart(s) failed' }, []);
    expect(error).toMatchObject({ code: 'HELM_CHART_INVALID', message: expect.stringContaining('version is required') as string });
  });
});
