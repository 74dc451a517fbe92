/** The part "pods" of the chart policies: rendered by the real Helm, enforced by a real API server. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Exception } from '../../../policies/pods/exception.ts';
import { waivedByAll } from '../../../policies/pods/exception-cel.ts';
import { components } from '../../../policies/pods/components.ts';
import { admissionPolicy } from '../../../policies/pods/render/admission-policy.ts';
import { checksOfMessage } from '../../../policies/pods/cel.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { type ApiServer, startApiServer } from '../../fixtures/api-server.ts';
import { chartPath, helm, type Manifest, template } from '../../fixtures/helm.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { admissionPolicies, admissionPolicyBindings, createNamespace, denialOf, untilEnforced } from '../../policies/pods/admission.ts';

const only = ['--set', 'tenancy.priorityClasses=false,tenancy.roles=false'];
const exception = {
  namespace: 'team-a', kind: 'Deployment', name: 'legacy', labels: { app: 'legacy' }, checks: ['runAsNonRoot'], reason: 'the image runs as root until its rewrite',
  who: ['ops', 'system:serviceaccount:flux-system:flux'], owner: 'team-a', ticket: 'T-17', expires: '2999-01-01T00:00:00Z',
} as const;
const withExceptions = (...list: object[]): string[] => ['--set-json', `pods.exceptions=${JSON.stringify(list)}`];
const chart = (...args: string[]): Promise<Manifest[]> => template('policies', 'keelson-system', [...only, ...args]);
const bindingActions = (manifests: Manifest[]): Record<string, unknown> =>
  Object.fromEntries(manifests.filter(({ kind }) => kind === 'ValidatingAdmissionPolicyBinding').map(({ metadata, ...rest }) => [metadata.name, (rest['spec'] as { validationActions: unknown }).validationActions]));

describeWith({ tools: ['helm', 'etcd', 'kube-apiserver'] }, 'chart policies, pods', () => {
  test('passes helm lint, alone and with everything in it', async () => {
    await helm(['lint', chartPath('policies'), '--strict']);
    await helm(['lint', chartPath('policies'), '--strict', '--set', 'pods.mode=deny,pods.kyverno.enabled=true', ...withExceptions(exception)]);
  });

  test('renders the policy of the sources, with the exceptions of our components and of the values', async () => {
    const policy = (await chart(...withExceptions(exception))).find(({ metadata }) => metadata.name === 'keelson-pod-security' );
    const own = components.filter(({ isOurs }) => isOurs).flatMap(({ waivers }) => waivers).map((waiver) => ({ ...waiver, who: [] }));
    const variables = (policy: object): Record<string, string> => Object.fromEntries(((policy as { spec: unknown }).spec as { variables: { name: string; expression: string }[] }).variables.map(({ name, expression }) => [name, expression]));
    const expected = admissionPolicy({ waived: waivedByAll([...own, exception as unknown as Exception]) });
    const { waived: rendered = '', ...rest } = variables(policy!);
    const { waived: wanted = '', ...others } = variables(expected);
    expect(rest).toEqual(others);
    // A map's keys and the brackets of a sum may be written differently.
    expect(rendered.replaceAll(/[()\s]/g, '')).toBe(wanted.replaceAll(/[()\s]/g, ''));
  });

  test('goes from audit to deny by one value; the class system keeps its own', async () => {
    const audit = { 'keelson-pod-security-tenant': ['Warn', 'Audit'], 'keelson-pod-security-observability': ['Warn', 'Audit'], 'keelson-pod-security-system': ['Warn', 'Audit'] };
    expect(bindingActions(await chart())).toMatchObject(audit);
    expect(bindingActions(await chart('--set', 'pods.mode=deny'))).toMatchObject({ ...audit, 'keelson-pod-security-tenant': ['Deny'], 'keelson-pod-security-observability': ['Deny'] });
    expect(Object.keys(bindingActions(await chart('--set', 'pods.classes.tenant.mode=off'))).filter((name) => name.includes('tenant'))).toEqual([]);
  });

  test.each([
    ['an exception that is over', withExceptions({ ...exception, expires: '2020-01-01T00:00:00Z' }), /Deployment team-a\/legacy expired at 2020-01-01T00:00:00Z: remove it, or renew it with its owner team-a/],
    ['one without a reason', withExceptions({ ...exception, reason: undefined }), /reason/],
    ['a suggestion that nobody filled in', withExceptions({ ...exception, owner: '?', ticket: '?', expires: '?' }), /exceptions/],
    ['a check that does not exist', withExceptions({ ...exception, checks: ['everything'] }), /checks/],
    ['a name with a pattern', withExceptions({ ...exception, name: 'legacy*' }), /name/],
    ['a level that does not exist', ['--set', 'pods.classes.tenant.level=strict'], /level/],
    ['a version before the table', ['--set', 'pods.classes.tenant.version=v1.24'], /version/],
    ['a value it does not know', ['--set', 'pods.modes=deny'], /modes/],
  ])('refuses %s', async (_, args, message) => {
    await expect(chart(...args)).rejects.toThrow(message);
  });

  test('writes policies and exceptions for Kyverno on request', async () => {
    const objects = await chart('--set', 'pods.kyverno.enabled=true', ...withExceptions(exception));
    expect(objects.filter(({ kind }) => kind === 'ValidatingPolicy')).toHaveLength(19);
    expect(objects.find(({ kind, metadata }) => kind === 'PolicyException' && metadata.name.includes('legacy'))).toMatchObject({
      apiVersion: 'policies.kyverno.io/v1',
      metadata: { name: 'keelson-team-a-deployment-legacy', namespace: 'keelson-system' },
      spec: { policyRefs: [{ kind: 'ValidatingPolicy', name: 'keelson-pods-runasnonroot' }], expiresAt: exception.expires, properties: { owner: 'team-a', ticket: 'T-17' } },
    });
  });

  describe('in a real API server', () => {
    let api: ApiServer;
    const apply = async (manifests: Manifest[]): Promise<void> => {
      for (const manifest of manifests) {
        const resource = { ConfigMap: resources.configMaps, ValidatingAdmissionPolicy: admissionPolicies, ValidatingAdmissionPolicyBinding: admissionPolicyBindings }[manifest.kind];
        if (!resource) throw new Error(`no resource for ${manifest.kind}`);
        await api.client.apply(resource, manifest as unknown as KubeObject, { fieldManager: 'helm', force: true });
      }
    };
    beforeAll(async () => {
      api = await startApiServer();
      for (const name of ['keelson-system', 'team-a']) await createNamespace(api.client, name);
      await apply(await chart(...withExceptions(exception)));
    }, 150_000);
    afterAll(() => api?.stop());

    const bad = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [{ name: 'a', image: 'a' }] } };

    test('warns first, then denies, in every namespace that is not of the platform', async () => {
      const warned = async (): Promise<string> => {
        const { headers } = await api.client.request({ method: 'POST', path: '/api/v1/namespaces/team-a/pods', query: { dryRun: 'All' }, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ ...bad, metadata: { name: 'x' } }) });
        return String(headers['warning'] ?? '');
      };
      let warning = '';
      for (let i = 0; i < 200 && !warning.includes('runAsNonRoot'); i++) {
        warning = await warned();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(warning).toContain('runAsNonRoot: containers that may run as root (Pod Security Standards, restricted)');
      await apply(await chart('--set', 'pods.mode=deny', ...withExceptions(exception)));
      await untilEnforced(api.client, 'team-a');
      expect((await denialOf(api.client, bad, 'team-a'))?.messages.flatMap(checksOfMessage)).toEqual(['allowPrivilegeEscalation', 'capabilities_restricted', 'runAsNonRoot', 'seccompProfile_restricted']);
      expect(await denialOf(api.client, bad, 'keelson-system')).toBeUndefined();
    }, 60_000);
  });
});
