import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { chartPath, helm, template, type Manifest } from '../../fixtures/helm.ts';
import { describeWith } from '../../fixtures/needs.ts';

describeWith({ tools: ['helm'] }, 'the chart keelson', () => {
  const render = (args: readonly string[] = []): Promise<Manifest[]> => template('keelson', 'keelson-system', args);
  const podOf = (deployment: Manifest) => (deployment['spec'] as { template: { spec: Record<string, unknown> & { containers: Record<string, unknown>[] } } }).template.spec;

  test('passes helm lint, refuses unknown values and another namespace', async () => {
    await expect(helm(['lint', '--strict', chartPath('keelson'), '--namespace', 'keelson-system'])).resolves.toContain('0 chart(s) failed');
    await expect(render(['--set', 'operator.replica=1'])).rejects.toThrow(/additional properties 'replica' not allowed/);
    await expect(template('keelson', 'default')).rejects.toThrow(/install keelson into the namespace keelson-system/);
  });

  test('the extension writes nothing, the operator has no more than a list of kinds', async () => {
    const manifests = await render();
    const extension = manifests.filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'keelson-topology-extension').flatMap((role) => role['rules'] as { resources: string[]; verbs: string[] }[]);
    expect(extension.map(({ resources, verbs }) => `${resources.join(' ')}: ${verbs.join(' ')}`)).toEqual(['organizations: get list', 'clusters: list', 'namespaces: get']);
    const rules = manifests.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role').flatMap((role) => role['rules'] as { apiGroups: string[]; resources: string[]; verbs: string[] }[]);
    expect(rules.flatMap(({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs])).not.toContain('*');
    const bound = manifests.filter(({ kind }) => kind.endsWith('RoleBinding')).flatMap((binding) => (binding['subjects'] as { name: string }[]).map(({ name }) => name));
    expect(new Set(bound)).toEqual(new Set(['keelson-operator', 'keelson-topology-extension', 'system:serviceaccounts:keelson-system', 'system:serviceaccounts:capi-system', 'system:serviceaccounts:kube-system']));
  });

  test('pods meet the restricted Pod Security Standard and write nothing but /tmp', async () => {
    for (const deployment of (await render()).filter(({ kind }) => kind === 'Deployment')) {
      const pod = podOf(deployment);
      expect(pod['securityContext']).toMatchObject({ runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } });
      for (const container of pod.containers) expect(container['securityContext']).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    }
  });

  test('the Service of the extension asks for the Secret that its pods mount and that the ExtensionConfig trusts', async () => {
    const manifests = await render();
    const service = manifests.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'keelson-topology-extension')!;
    expect(service.metadata.annotations).toEqual({ 'keelson.dev/serving-cert-secret': 'keelson-topology-extension-tls' });
    expect(JSON.stringify(manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'keelson-topology-extension'))).toContain('"secretName":"keelson-topology-extension-tls"');
  });

  test('values of the bundle reach the operator, and a change of them restarts it', async () => {
    const operator = async (args: readonly string[]) => {
      const manifests = await render(args);
      const config = manifests.find(({ kind }) => kind === 'ConfigMap')!['data'] as Record<string, string>;
      const deployment = manifests.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'keelson-operator')!;
      return { values: load(config['bundle-values.yaml'] ?? ''), checksum: (deployment['spec'] as { template: { metadata: { annotations: Record<string, string> } } }).template.metadata.annotations['checksum/config'] };
    };
    const [plain, changed] = [await operator([]), await operator(['--set', 'bundleValues.metrics-server.replicas=2'])];
    expect(plain.values).toEqual({});
    expect(changed.values).toEqual({ 'metrics-server': { replicas: 2 } });
    expect(changed.checksum).not.toBe(plain.checksum);
  });

  test('ServiceMonitors and disruption budgets appear when they make sense', async () => {
    const kinds = async (args: readonly string[]): Promise<string[]> => (await render(args)).map(({ kind }) => kind);
    expect(await kinds([])).not.toContain('ServiceMonitor');
    expect(await kinds(['--set', 'serviceMonitor.enabled=true'])).toContain('ServiceMonitor');
    expect(await kinds(['--set', 'operator.replicas=1,topologyExtension.replicas=1'])).not.toContain('PodDisruptionBudget');
  });

  test('the image is the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as { version: string };
    expect(JSON.stringify(await render())).toContain(`"image":"ghcr.io/keelson/keelson:${version}"`);
  });
});
