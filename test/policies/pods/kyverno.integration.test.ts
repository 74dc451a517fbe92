/** Oracle 3: the Kyverno CLI over the rendered ValidatingPolicies; the other levels and versions are in the deep tests. */
import { expect, test } from '@jest/globals';
import type { Exception } from '../../../policies/pods/exception.ts';
import { literalsOf } from '../../../policies/pods/exception-cel.ts';
import { kyvernoException, kyvernoPolicies } from '../../../policies/pods/render/kyverno.ts';
import { type Manifest, template } from '../../fixtures/helm.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { kyvernoApply } from './kyverno.ts';
import { kyvernoDifferences } from './kyverno-cases.ts';

describeWith({ tools: ['kyverno', 'helm'] }, 'the Kyverno policies', () => {
  test('give every restricted fixture of v1.35 the verdict that its name says, check by check', async () => {
    expect(await kyvernoDifferences('restricted', 35)).toEqual({ count: 99, wrong: [] });
  }, 400_000);

  test('judge controllers by their templates, and let exactly the workload of an exception through', async () => {
    const template = (labels: object) => ({ metadata: { labels }, spec: { hostNetwork: true, containers: [{ name: 'a', image: 'a' }] } });
    const workload = (kind: string, name: string, namespace = 'apps') => ({ apiVersion: 'apps/v1', kind, metadata: { name, namespace, creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { selector: { matchLabels: { app: 'a' } }, template: template({ app: 'a' }) } });
    const pod = (name: string, owner: object) => ({ apiVersion: 'v1', kind: 'Pod', ...template({ 'pod-template-hash': '5d4f', app: 'a' }), metadata: { name, namespace: 'apps', labels: { 'pod-template-hash': '5d4f', app: 'a' }, ownerReferences: [{ apiVersion: 'apps/v1', controller: true, uid: 'u', ...owner }] } });
    const exception = { namespace: 'apps', kind: 'Deployment', name: 'api', labels: { app: 'a' }, who: [], checks: ['hostNamespaces'], expires: new Date(Date.now() + 86_400_000).toISOString() } as unknown as Exception;
    const rendered = kyvernoException({ name: 'api', namespace: 'keelson-system', checks: exception.checks, expires: exception.expires, properties: { reason: 'test' } }, literalsOf(exception));
    const over = kyvernoException({ name: 'over', namespace: 'keelson-system', checks: exception.checks, expires: '2020-01-01T00:00:00Z', properties: {} }, literalsOf({ ...exception, name: 'over', expires: '2020-01-01T00:00:00Z' }));
    const objects = [
      workload('Deployment', 'api'), workload('Deployment', 'api-evil'), workload('StatefulSet', 'sts'), workload('Deployment', 'elsewhere', 'others'), workload('Deployment', 'over'),
      pod('api-5d4f-abcde', { kind: 'ReplicaSet', name: 'api-5d4f' }), pod('api-evil-5d4f-abcde', { kind: 'ReplicaSet', name: 'api-evil-5d4f' }),
    ];
    const policies = kyvernoPolicies({ level: "'restricted'", minor: '36' }).filter((policy) => (policy as { metadata: { name: string } }).metadata.name === 'keelson-pods-hostnamespaces');
    const results = await kyvernoApply(policies, objects, [rendered, over]);
    expect(Object.fromEntries(results.map(({ resources, result }) => [resources[0]!.name, result]))).toEqual({
      api: 'skip', 'api-evil': 'fail', sts: 'fail', elsewhere: 'fail', over: 'fail', 'api-5d4f-abcde': 'skip', 'api-evil-5d4f-abcde': 'fail',
    });
  }, 120_000);

  test('as the chart writes them: the level goes by the namespace, our components are excepted', async () => {
    const rendered = await template('policies', 'keelson-system', ['--set', 'pods.kyverno.enabled=true,pods.classes.observability.level=baseline,pods.classes.system.mode=off']);
    const policies = rendered.filter(({ kind, metadata }: Manifest) => kind === 'ValidatingPolicy' && ['keelson-pods-runasnonroot', 'keelson-pods-hostnamespaces'].includes(metadata.name));
    const exceptions = rendered.filter(({ kind }: Manifest) => kind === 'PolicyException').map((exception) => ({ ...exception, metadata: { ...exception.metadata, labels: {} } }));
    const pod = (name: string, namespace: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec: { hostIPC: true, containers: [{ name: 'a', image: 'a' }] } });
    const exporter = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'node-exporter', namespace: 'keelson-system' }, spec: { selector: {}, template: { metadata: { labels: {} }, spec: { hostPID: true, containers: [{ name: 'a', image: 'a' }] } } } };
    const results = await kyvernoApply(policies, [pod('tenants', 'team-a'), pod('watchers', 'monitoring'), pod('systems', 'kube-system'), exporter], exceptions);
    const verdicts = results.map(({ policy, resources, result }) => `${resources[0]!.name} ${policy.replace('keelson-pods-', '')} ${result}`).sort();
    expect(verdicts).toEqual([
      'node-exporter hostnamespaces skip', 'node-exporter runasnonroot pass', 'systems hostnamespaces pass', 'systems runasnonroot pass',
      'tenants hostnamespaces fail', 'tenants runasnonroot fail', 'watchers hostnamespaces fail', 'watchers runasnonroot pass',
    ]);
  }, 120_000);
});
