/** The evaluator on pods that people write: which check, at which path, with which value. The verdicts are held to the reference implementation elsewhere. */
import { describe, expect, test } from '@jest/globals';
import { evaluatorOf, levelReached } from '../../../policies/pods/evaluate.ts';
import type { Fields } from '../../../policies/pods/fields.ts';
import { checksInForce, table } from '../../../policies/pods/table.ts';
import { flatten, workloadJudge } from '../../../policies/pods/workload.ts';

const good = { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } };
const pod = (spec: object, metadata: object = {}): Fields => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...metadata }, spec });
const restricted = (version = 'v1.36') => evaluatorOf({ level: 'restricted', version });
const brief = (object: Fields, version?: string) => restricted(version)(object).map(({ check, path, found }) => [check, path, found]);

describe('the table', () => {
  test('has the 19 checks of the standard, revisions ascending, what is replaced being baseline', () => {
    expect(new Set(table.map((check) => check.id)).size).toBe(19);
    for (const { revisions, replaces } of table) {
      expect(revisions.map((revision) => revision.since)).toEqual(revisions.map((revision) => revision.since).sort((a, b) => a - b));
      if (replaces) expect(table.find((check) => check.id === replaces)?.level).toBe('baseline');
    }
  });

  test.each([['baseline', 25, 11], ['baseline', 34, 12], ['restricted', 25, 14], ['restricted', 34, 15], ['restricted', 35, 15], ['privileged', 36, 0]] as const)('%s of v1.%i is decided by %i checks', (level, minor, count) => {
    expect(checksInForce(level, minor)).toHaveLength(count);
  });
});

describe('a pod', () => {
  test('that sets everything passes restricted', () => {
    expect(brief(pod({ containers: [{ name: 'a', securityContext: good }] }))).toEqual([]);
  });

  test('that sets nothing is told what to set, at every container', () => {
    expect(brief(pod({ containers: [{ name: 'a' }], initContainers: [{ name: 'i', securityContext: good }] }))).toEqual([
      ['allowPrivilegeEscalation', 'spec.containers[0].securityContext.allowPrivilegeEscalation', null],
      ['capabilities_restricted', 'spec.containers[0].securityContext.capabilities.drop', null],
      ['runAsNonRoot', 'spec.containers[0].securityContext.runAsNonRoot', null],
      ['seccompProfile_restricted', 'spec.containers[0].securityContext.seccompProfile.type', null],
    ]);
  });

  test('is told the path and value of every place, in ephemeral containers too', () => {
    const object = pod({
      hostPID: true,
      volumes: [{ name: 'root', hostPath: { path: '/' } }, { name: 'none' }],
      containers: [{ name: 'a', securityContext: good, ports: [{ containerPort: 80 }, { hostPort: 8080 }] }],
      ephemeralContainers: [{ name: 'e', securityContext: { ...good, privileged: true, capabilities: { drop: ['ALL'], add: ['NET_RAW'] } } }],
    }, { annotations: { 'container.apparmor.security.beta.kubernetes.io/a': 'unconfined' } });
    expect(brief(object)).toEqual([
      ['appArmorProfile', 'metadata.annotations["container.apparmor.security.beta.kubernetes.io/a"]', 'unconfined'],
      ['hostNamespaces', 'spec.hostPID', true],
      ['hostPorts', 'spec.containers[0].ports[1].hostPort', 8080],
      ['privileged', 'spec.ephemeralContainers[0].securityContext.privileged', true],
      ['capabilities_restricted', 'spec.ephemeralContainers[0].securityContext.capabilities.add[0]', 'NET_RAW'],
      ['restrictedVolumes', 'spec.volumes[0].hostPath', { path: '/' }],
    ]);
  });

  test('is refused for an explicit runAsNonRoot: false of the pod though its containers say true', () => {
    expect(brief(pod({ securityContext: { runAsNonRoot: false }, containers: [{ securityContext: good }] }))).toEqual([['runAsNonRoot', 'spec.securityContext.runAsNonRoot', false]]);
  });

  test('may name ALL twice, but not all', () => {
    const drop = (names: string[]) => pod({ containers: [{ securityContext: { ...good, capabilities: { drop: names } } }] });
    expect(brief(drop(['ALL', 'ALL']))).toEqual([]);
    expect(brief(drop(['all']))).toHaveLength(1);
  });

  test('in a user namespace may run as root from v1.35 on', () => {
    const object = pod({ hostUsers: false, containers: [{ securityContext: { ...good, runAsNonRoot: undefined, runAsUser: 0 } }] });
    expect(brief(object, 'v1.34').map(([check]) => check)).toEqual(['runAsNonRoot', 'runAsUser']);
    expect(brief(object, 'v1.35')).toEqual([]);
  });

  test('of a version to come is judged by the newest rules; a version before the table is an error', () => {
    expect(evaluatorOf({ level: 'baseline', version: 'v1.99' })(pod({ containers: [] }))).toEqual([]);
    expect(() => restricted('v1.24')).toThrow(expect.objectContaining({ code: 'PODS_VERSION' }) as unknown as Error);
    expect(() => restricted('1')).toThrow(/write v1\.25 to v1\.37, or latest/);
  });

  test.each([
    ['a list that is an object', { containers: {} }, /spec\.containers must be a list, found \{\}/],
    ['a text for a switch', { containers: [{ securityContext: { ...good, privileged: 'true' } }] }, /spec\.containers\[0\]\.securityContext\.privileged must be a boolean, found "true"/],
    ['a text for a number', { containers: [], securityContext: { runAsUser: '0' } }, /spec\.securityContext\.runAsUser must be a number/],
  ])('with %s is an error, not a verdict', (_, spec, message) => {
    expect(() => brief(pod(spec))).toThrow(message);
  });

  test('reaches the highest level whose checks it passes', () => {
    const reached = levelReached('latest');
    expect([{ containers: [{ securityContext: good }] }, { containers: [{}] }, { containers: [{}], hostIPC: true }].map((spec) => reached(pod(spec)))).toEqual(['restricted', 'baseline', 'privileged']);
  });
});

describe('an object', () => {
  const judge = workloadJudge({ level: 'baseline', version: 'v1.36', custom: { 'Rollout.argoproj.io': 'spec.template' } });
  const template = { spec: { hostNetwork: true, containers: [] } };
  const object = (apiVersion: string, kind: string, spec: object): Fields => ({ apiVersion, kind, metadata: { name: 'x', namespace: 'n' }, ...spec });

  test.each([
    ['v1', 'PodTemplate', { template }, 'template.spec.hostNetwork'],
    ['apps/v1', 'Deployment', { spec: { template } }, 'spec.template.spec.hostNetwork'],
    ['apps/v1', 'DaemonSet', { spec: { template } }, 'spec.template.spec.hostNetwork'],
    ['v1', 'ReplicationController', { spec: { template } }, 'spec.template.spec.hostNetwork'],
    ['batch/v1', 'CronJob', { spec: { jobTemplate: { spec: { template } } } }, 'spec.jobTemplate.spec.template.spec.hostNetwork'],
    ['argoproj.io/v1alpha1', 'Rollout', { spec: { template } }, 'spec.template.spec.hostNetwork'],
  ])('%s %s is judged by its template', (apiVersion, kind, spec, path) => {
    const verdict = judge(object(apiVersion, kind, spec));
    expect(verdict).toMatchObject({ object: { apiVersion, kind, namespace: 'n', name: 'x' }, level: 'privileged', allowed: false, violations: [{ check: 'hostNamespaces', path }] });
  });

  test('without pods passes: a Service, a Deployment of another group', () => {
    expect(judge(object('v1', 'Service', {}))).toEqual({ object: { apiVersion: 'v1', kind: 'Service', namespace: 'n', name: 'x' }, level: 'restricted', allowed: true, violations: [] });
    expect(judge(object('example.org/v1', 'Deployment', { spec: { template } })).allowed).toBe(true);
  });

  test('that is a list is its items, which may lack their kind', () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'PodList', items: [{ metadata: { name: 'p' }, spec: {} }] }] };
    expect(flatten(list)).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {} }]);
  });
});
