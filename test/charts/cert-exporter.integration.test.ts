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
    expect(schema.parse(found['cert-exporter-secrets'])).toMatchObject({ files: { enabled: false }, secrets: { enabled: true, namespaces: ['n'] } });
  });

  test('every directory is mounted read-only under its own path', async () => {
    const daemonSet = (await template('cert-exporter', 'x', ['--set', 'files.directories={/a,/b c}'])).find(({ kind }) => kind === 'DaemonSet')!;
    const { containers, volumes } = (daemonSet['spec'] as { template: { spec: { containers: { volumeMounts: { mountPath: string; readOnly: boolean }[] }[]; volumes: { hostPath?: { path: string } }[] } } }).template.spec;
    expect(containers[0]!.volumeMounts.map(({ mountPath, readOnly }) => [mountPath, readOnly])).toEqual([['/etc/cert-exporter', true], ['/a', true], ['/b c', true]]);
    expect(volumes.flatMap(({ hostPath }) => hostPath?.path ?? [])).toEqual(['/a', '/b c']);
  });

  test('named namespaces need Roles there and no ClusterRole', async () => {
    const manifests = await template('cert-exporter', 'x', ['--set', 'secrets.namespaces={a,b}']);
    expect([named(manifests, 'Role'), named(manifests, 'ClusterRole')]).toEqual([['a/cert-exporter-secrets', 'b/cert-exporter-secrets'], []]);
  });

  test('files alone need no account at all', async () => {
    const manifests = await template('cert-exporter', 'x', ['--set', 'secrets.enabled=false']);
    expect(['ServiceAccount', 'ClusterRole', 'Role', 'Deployment'].flatMap((kind) => named(manifests, kind))).toEqual([]);
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
