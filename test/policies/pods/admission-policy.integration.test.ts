/** Oracle 2: the rendered ValidatingAdmissionPolicy in a real API server, on upstream's fixtures. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { checksOfMessage } from '../../../policies/pods/cel.ts';
import type { Level } from '../../../policies/pods/check.ts';
import { evaluatorOf } from '../../../policies/pods/evaluate.ts';
import { actionsOf, admissionPolicy, parameters, podBinding, workloadBinding } from '../../../policies/pods/render/admission-policy.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { admissionPolicies, admissionPolicyBindings, createNamespace, denialOf, untilEnforced } from './admission.ts';
import { type Fixture, fixtureFolder, fixturesIn } from './oracle.ts';

const newest = [34, 35];
const classes = (['baseline', 'restricted'] as const).flatMap((level) => newest.map((minor) => ({ name: `${level}-v1-${minor}`, level, version: `v1.${minor}` })));

describeWith(apiServerNeeds, 'the ValidatingAdmissionPolicy', () => {
  let api: ApiServer;
  let fixtures: Fixture[];

  beforeAll(async () => {
    [api, fixtures] = await Promise.all([startApiServer(), fixtureFolder().then((folder) => fixturesIn(folder, (minor) => newest.includes(minor)))]);
    await createNamespace(api.client, 'keelson-system');
    await api.client.create(admissionPolicies, admissionPolicy() as KubeObject);
    for (const { name, level, version } of [...classes, { name: 'open', level: 'privileged' as Level, version: 'latest' }]) {
      await createNamespace(api.client, name);
      await api.client.create(resources.configMaps, parameters({ name, namespace: 'keelson-system', level, version }) as KubeObject);
      await api.client.create(admissionPolicyBindings, podBinding({ name, namespace: 'keelson-system', namespaces: { in: [name] }, actions: actionsOf.deny }) as KubeObject);
      await api.client.create(admissionPolicyBindings, workloadBinding({ name, namespace: 'keelson-system', namespaces: { in: [name] } }) as KubeObject);
    }
    for (const { name } of classes) await untilEnforced(api.client, name);
  }, 240_000);
  afterAll(() => api?.stop());

  test('gives every fixture of the two newest versions the verdict that its name says, naming exactly the checks that the evaluator names', async () => {
    const wrong: string[] = [];
    const invalid = new Set<string>();
    for (const { level, version, expected, name, pod } of fixtures) {
      const denial = await denialOf(api.client, pod, `${level}-${version.replace('.', '-')}`);
      if (denial?.isInvalid) {
        invalid.add(`${expected}/${name}`);
        continue;
      }
      const named = [...new Set(denial?.messages.flatMap(checksOfMessage))].sort();
      const ours = [...new Set(evaluatorOf({ level, version })(pod).map(({ check }) => check))].sort();
      if ((denial === undefined) !== (expected === 'pass') || named.join() !== ours.join()) wrong.push(`${level}/${version}/${expected}/${name}: ${named.join() || 'admitted'}; ours: ${ours.join()}`);
    }
    expect(wrong).toEqual([]);
    // The API server itself wants a user namespace for an unmasked /proc; the next test gives these pods one.
    expect([...invalid].sort()).toEqual(['fail/procmount0', 'fail/procmount1']);
    expect(fixtures.length).toBeGreaterThan(280);
  }, 240_000);

  test.each([['baseline-v1-34', ['procMount']], ['restricted-v1-34', ['procMount']], ['baseline-v1-35', []], ['restricted-v1-35', ['procMount_restricted']]])('judges an unmasked /proc in a user namespace in %s', async (namespace, checks) => {
    const pod = fixtures.find(({ name, level, expected }) => name === 'procmount0' && level === 'restricted' && expected === 'fail')!.pod;
    const denial = await denialOf(api.client, { ...pod, spec: { ...pod.spec, hostUsers: false } }, namespace);
    expect(denial?.messages.flatMap(checksOfMessage) ?? []).toEqual(checks);
  });

  test('stays within the cost that CEL may take for a pod of 250 containers and 250 volumes', async () => {
    const good = { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] }, seccompProfile: { type: 'RuntimeDefault' } };
    const containers = Array.from({ length: 250 }, (_, i) => ({ name: `c${i}`, image: 'a', securityContext: good, ports: [{ containerPort: 80 }] }));
    const volumes = Array.from({ length: 250 }, (_, i) => ({ name: `v${i}`, emptyDir: {} }));
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers, volumes } };
    expect(await denialOf(api.client, pod, 'restricted-v1-35')).toBeUndefined();
    containers[249]!.securityContext = { ...good, runAsNonRoot: false };
    expect((await denialOf(api.client, pod, 'restricted-v1-35'))?.messages.flatMap(checksOfMessage)).toEqual(['runAsNonRoot']);
  }, 60_000);

  test('denies with a message that says what to change', async () => {
    const pod = fixtures.find(({ name, level, expected }) => name === 'hostports0' && level === 'restricted' && expected === 'fail')?.pod;
    const denial = await denialOf(api.client, pod!, 'restricted-v1-35');
    expect(denial?.messages).toEqual(["ValidatingAdmissionPolicy 'keelson-pod-security' with binding 'keelson-pod-security-restricted-v1-35' denied request: hostPorts: host ports (Pod Security Standards, baseline): remove hostPort; expose the pod with a Service"]);
  });

  test('admits everything at level privileged', async () => {
    for (const { pod } of fixtures.filter(({ expected, level }) => expected === 'fail' && level === 'restricted')) expect((await denialOf(api.client, pod, 'open'))?.isInvalid ?? true).toBe(true);
  }, 60_000);

  test.each([
    ['apps/v1', 'Deployment', 'deployments', (template: object) => ({ selector: { matchLabels: { a: 'b' } }, template })],
    ['apps/v1', 'DaemonSet', 'daemonsets', (template: object) => ({ selector: { matchLabels: { a: 'b' } }, template })],
    ['batch/v1', 'Job', 'jobs', (template: { spec: object }) => ({ template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } })],
    ['batch/v1', 'CronJob', 'cronjobs', (template: { spec: object }) => ({ schedule: '* * * * *', jobTemplate: { spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } } } })],
  ])('warns the author of a %s %s, and lets it in', async (apiVersion, kind, plural, specOf) => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] } };
    const response = await api.client.request({
      method: 'POST',
      path: `/apis/${apiVersion}/namespaces/baseline-v1-35/${plural}`,
      query: { dryRun: 'All' },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec: specOf(template) }),
    });
    expect([response.status, response.body.toString().slice(0, 300)]).toEqual([201, expect.anything()]);
    expect(String(response.headers['warning'])).toContain('privileged: privileged containers (Pod Security Standards, baseline)');
  });

  test('does not look at a pod again whose metadata alone changes', async () => {
    const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'old', namespace: 'open' }, spec: { hostNetwork: true, containers: [{ name: 'a', image: 'a' }] } };
    await api.client.create(resources.pods, pod);
    const { data } = parameters({ name: 'open', namespace: 'keelson-system', level: 'restricted', version: 'latest' }) as { data: object };
    await api.client.patch(resources.configMaps, { namespace: 'keelson-system', name: 'keelson-pod-security-open' }, { type: 'merge', body: { data } });
    await untilEnforced(api.client, 'open');
    await api.client.patch(resources.pods, { namespace: 'open', name: 'old' }, { type: 'merge', body: { metadata: { labels: { touched: 'yes' } } } });
    const image = api.client.patch(resources.pods, { namespace: 'open', name: 'old' }, { type: 'json', body: [{ op: 'replace', path: '/spec/containers/0/image', value: 'b' }] });
    await expect(image).rejects.toMatchObject({ status: 403 });
  }, 60_000);

  test('says how long it takes', async () => {
    const pod = fixtures.find(({ name, level, expected }) => name === 'base' && level === 'restricted' && expected === 'pass')!.pod;
    const times: Record<string, number[]> = { unbound: [], bound: [] };
    for (let i = 0; i < 150; i++) {
      for (const [key, namespace] of [['unbound', 'keelson-system'], ['bound', 'restricted-v1-35']] as const) {
        const began = performance.now();
        expect(await denialOf(api.client, pod, namespace)).toBeUndefined();
        times[key]!.push(performance.now() - began);
      }
    }
    const median = (of: readonly number[]): number => of.toSorted((a, b) => a - b)[Math.floor(of.length / 2)]!;
    process.stdout.write(`a pod is created (dry run) in ${median(times['unbound']!).toFixed(2)} ms without the policy, in ${median(times['bound']!).toFixed(2)} ms with it (medians of 150)\n`);
  }, 60_000);

  test('judges ephemeral containers when they are added', async () => {
    const good = { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } };
    await api.client.create(resources.pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'debugged', namespace: 'restricted-v1-35' }, spec: { containers: [{ name: 'a', image: 'a', securityContext: good }] } });
    const debug = (securityContext: object) =>
      api.client.patch(resources.pods, { namespace: 'restricted-v1-35', name: 'debugged' }, { type: 'merge', subresource: 'ephemeralcontainers', body: { spec: { ephemeralContainers: [{ name: 'd', image: 'd', securityContext }] } } });
    await expect(debug({ ...good, runAsUser: 0 })).rejects.toMatchObject({ status: 403 });
    await debug(good);
  });
});
