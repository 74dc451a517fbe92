import { load } from 'js-yaml';
import { schema } from '../../exporters/cert/config.ts';
import { template, type Manifest } from '../fixtures/helm.ts';
import { describeWith } from '../fixtures/needs.ts';

const configs = (manifests: readonly Manifest[]): Record<string, unknown> =>
  Object.fromEntries(manifests.filter(({ kind }) => kind === 'ConfigMap').map((one) => [one.metadata.name, load((one['data'] as Record<string, string>)['config.yaml']!)]));
const named = (manifests: readonly Manifest[], kind: string): string[] => manifests.filter((one) => one.kind === kind).map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`);

describeWith({ tools: ['helm'] }, 'chart cert-exporter', () => {
  test('the exporter reads the configurations that the chart writes', async () => {
    const found = configs(await template('cert-exporter', 'x', ['--set', 'files.directories={/a,/b}', '--set', 'files.intervalSeconds=5', '--set', 'secrets.namespaces={n}', '--set', 'logLevel=debug']));
    expect(schema.parse(found['cert-exporter-files'])).toMatchObject({ logLevel: 'debug', files: { enabled: true, directories: ['/a', '/b'], intervalSeconds: 5 }, secrets: { enabled: false } });
    expect(schema.parse(found['cert-exporter-cluster'])).toMatchObject({ files: { enabled: false }, secrets: { enabled: true, namespaces: ['n'] } });
  });

  test('every directory is mounted read-only under its own path', async () => {
    const daemonSet = (await template('cert-exporter', 'x', ['--set', 'files.directories={/a,/b c}'])).find(({ kind }) => kind === 'DaemonSet')!;
    const { containers, volumes } = (daemonSet['spec'] as { template: { spec: { containers: { volumeMounts: { mountPath: string; readOnly: boolean }[] }[]; volumes: { hostPath?: { path: string } }[] } } }).template.spec;
    expect(containers[0]!.volumeMounts.map(({ mountPath, readOnly }) => [mountPath, readOnly])).toEqual([['/etc/cert-exporter', true], ['/a', true], ['/b c', true]]);
    expect(volumes.flatMap(({ hostPath }) => hostPath?.path ?? [])).toEqual(['/a', '/b c']);
  });

  test('named namespaces need Roles there and no ClusterRole', async () => {
    const manifests = await template('cert-exporter', 'x', ['--set', 'secrets.namespaces={a,b}']);
    expect([named(manifests, 'Role'), named(manifests, 'ClusterRole')]).toEqual([['a/cert-exporter-cluster', 'b/cert-exporter-cluster'], []]);
  });

  test('files alone need no account at all', async () => {
    const manifests = await template('cert-exporter', 'x', ['--set', 'secrets.enabled=false']);
    expect(['ServiceAccount', 'ClusterRole', 'Role', 'Deployment'].flatMap((kind) => named(manifests, kind))).toEqual([]);
  });

  const values = (value: object): string[] => ['--set-json', Object.entries(value).map(([key, one]) => `${key}=${JSON.stringify(one)}`).join(',')];
  const every = {
    secrets: { types: ['kubernetes.io/tls', 'Opaque'], keys: ['*.p12'], passphrases: [{ key: '*.p12', passphraseKey: 'password' }], namespaceSelector: 'team' },
    configMaps: { enabled: true, namespaces: ['a'] }, caBundles: { enabled: true, kinds: ['APIService'] }, certificates: { enabled: true },
    vaultTokens: { url: 'https://vault.example:8200', tokenFiles: ['/tokens/one'] }, endpoints: { targets: [{ address: '10.0.0.1:6443', serverName: 'kubernetes', caFile: '/ca/ca.crt' }] },
    families: { info: false }, tls: { secretName: 'cert-exporter-tls' }, cluster: { replicas: 2, volumes: [{ name: 'ca', configMap: { name: 'ca' } }], volumeMounts: [{ name: 'ca', mountPath: '/ca' }] },
    rules: { enabled: true }, serviceMonitor: { enabled: true }, networkPolicy: { enabled: true },
  };

  test('every source reaches the configuration that the exporter reads', async () => {
    const found = schema.parse(configs(await template('cert-exporter', 'x', values(every)))['cert-exporter-cluster']);
    expect(found).toMatchObject({
      secrets: { types: ['kubernetes.io/tls', 'Opaque'], keys: ['*.p12'], passphrases: [{ key: '*.p12', passphraseKey: 'password' }], namespaceSelector: 'team' },
      configMaps: { enabled: true, namespaces: ['a'] }, caBundles: { enabled: true, kinds: ['APIService'] }, certificates: { enabled: true },
      vaultTokens: { url: 'https://vault.example:8200', tokenFiles: ['/tokens/one'] }, endpoints: { targets: [{ address: '10.0.0.1:6443' }] },
      families: { info: false, notBefore: true }, tls: { certFile: '/etc/cert-exporter-tls/tls.crt' }, files: { enabled: false },
    });
  });

  const rightsOf = (manifests: readonly Manifest[]): Record<string, string[]> =>
    Object.fromEntries(manifests.filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole').map((one) => [`${one.metadata.namespace ?? '*'}`, (one['rules'] as { resources: string[]; verbs: string[] }[]).flatMap(({ resources, verbs }) => resources.map((resource) => `${verbs.join('+')} ${resource}`)).sort()]));
  test.each<[string, object, Record<string, string[]>]>([
    ['by default', {}, { '*': ['list+watch secrets'] }],
    ['with every source', every, { '*': ['list+watch apiservices', 'list+watch certificates', 'list+watch clusterissuers', 'list+watch issuers', 'list+watch namespaces', 'list+watch secrets'], a: ['list+watch configmaps'] }],
    ['with kinds in the same namespace', { secrets: { namespaces: ['a'] }, configMaps: { enabled: true, namespaces: ['a', 'b'] } }, { a: ['list+watch configmaps', 'list+watch secrets'], b: ['list+watch configmaps'] }],
    ['with endpoints alone', { files: { enabled: false }, secrets: { enabled: false }, endpoints: { targets: [{ address: 'a:1' }] } }, {}],
  ])('rights %s are those of the sources that are on', async (_, value, rights) => {
    expect(rightsOf(await template('cert-exporter', 'x', values(value)))).toEqual(rights);
  });

  test('endpoints alone need no host files, and no pod on every node', async () => {
    const manifests = await template('cert-exporter', 'x', values({ files: { enabled: false }, secrets: { enabled: false }, endpoints: { targets: [{ address: '10.0.0.1:6443' }] }, networkPolicy: { enabled: true } }));
    expect([named(manifests, 'DaemonSet'), named(manifests, 'Deployment')]).toEqual([[], ['x/cert-exporter-cluster']]);
    const outside = manifests.find(({ metadata }) => metadata.name === 'cert-exporter-outside')!;
    expect((outside['spec'] as { egress: { ports: unknown }[] }).egress[0]!.ports).toEqual([{ protocol: 'TCP', port: 6443 }]);
  });

  test('two replicas have a budget that keeps one, one has none', async () => {
    expect(named(await template('cert-exporter', 'x', values(every)), 'PodDisruptionBudget')).toEqual(['x/cert-exporter-cluster']);
    expect(named(await template('cert-exporter', 'x'), 'PodDisruptionBudget')).toEqual([]);
  });

  test('with TLS, probes and scrapes use it', async () => {
    const manifests = await template('cert-exporter', 'x', values(every));
    const probes = manifests.flatMap((one) => (['DaemonSet', 'Deployment'].includes(one.kind) ? (one['spec'] as { template: { spec: { containers: { readinessProbe: { httpGet: { scheme: string } }; livenessProbe: { httpGet: { scheme: string } } }[] } } }).template.spec.containers : []));
    expect(probes.flatMap(({ readinessProbe, livenessProbe }) => [readinessProbe.httpGet.scheme, livenessProbe.httpGet.scheme])).toEqual(['HTTPS', 'HTTPS', 'HTTPS', 'HTTPS']);
    expect((manifests.find(({ kind }) => kind === 'ServiceMonitor')!['spec'] as { endpoints: object[] }).endpoints[0]).toMatchObject({ scheme: 'https', tlsConfig: { serverName: 'cert-exporter.x.svc' } });
  });

  test('the alerts come with it, each with the address of its runbook', async () => {
    const rule = (await template('cert-exporter', 'x', values({ rules: { enabled: true, runbookBaseUrl: 'https://books' } }))).find(({ kind }) => kind === 'PrometheusRule')!;
    const rules = (rule['spec'] as { groups: { rules: { alert?: string; annotations?: object }[] }[] }).groups.flatMap((group) => group.rules);
    const alerts = rules.filter(({ alert }) => alert);
    expect(alerts.map(({ alert }) => alert)).toEqual(expect.arrayContaining(['CertificateExpiresSoon', 'CertificatesNotWatched', 'EndpointServesOldCertificate']));
    for (const { alert, annotations } of alerts) expect(annotations).toMatchObject({ runbook_url: `https://books/${alert}.md`, board_url: expect.stringMatching(/^\/d\/cert-exporter\?/) as string });
  });

  test('the board is there for the sidecar of a Grafana', async () => {
    const board = (await template('cert-exporter', 'x', values({ dashboard: { enabled: true } }))).find(({ metadata }) => metadata.name === 'cert-exporter-board')!;
    expect(board.metadata.labels).toMatchObject({ grafana_dashboard: '1' });
    expect(JSON.parse((board['data'] as Record<string, string>)['cert-exporter.json']!)).toMatchObject({ uid: 'cert-exporter', templating: { list: [{ name: 'datasource' }, { name: 'cluster' }] } });
  });

  test.each([
    ['an unknown key', { secrts: {} }], ['an unknown key of a source', { secrets: { namspaces: [] } }], ['a target without a port', { endpoints: { targets: [{ address: 'host' }] } }],
    ['four replicas', { cluster: { replicas: 4 } }], ['a kind that has no caBundle', { caBundles: { kinds: ['Pod'] } }], ['a digest that is none', { image: { digest: 'latest' } }], ['a relative file', { endpoints: { targets: [{ address: 'a:1', caFile: 'ca.crt' }] } }],
  ])('%s is refused', async (_, value) => {
    await expect(template('cert-exporter', 'x', values(value))).rejects.toThrow(/values don't meet the specifications/);
  });

  test('another configuration restarts the pods, the same one does not', async () => {
    const checksum = async (args: string[]): Promise<string | undefined> => {
      const daemonSet = (await template('cert-exporter', 'x', args)).find(({ kind }) => kind === 'DaemonSet')!;
      return (daemonSet['spec'] as { template: { metadata: { annotations: Record<string, string> } } }).template.metadata.annotations['checksum/config'];
    };
    expect(await checksum([])).toBe(await checksum(['--set', 'secrets.enabled=false']));
    expect(await checksum([])).not.toBe(await checksum(['--set', 'files.intervalSeconds=5']));
  });
});
