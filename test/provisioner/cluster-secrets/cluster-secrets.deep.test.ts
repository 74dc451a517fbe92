/** The Secrets of a cluster, from one real API server into another by way of a sealed file, with the commands of a person. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { buildProgram } from '../../../provisioner/cli/program.ts';
import { type KubeObject, resources } from '../../../provisioner/kube/index.ts';
import { encryptionConfiguration } from '../../../provisioner/operators/encryption-key/configuration.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { cluster, installKinds, namespace, openBox } from '../operators/fleet.ts';
import { until } from '../kube/until.ts';

/** What machines of a cluster are to Cluster API; there are none here, and the export asks for them. */
const kindsOfMachines = [
  resources.kubeadmControlPlanes, resources.openStackMachineTemplates, resources.kubeadmConfigTemplates, resources.machineDeployments, resources.machineSets,
  resources.machines, resources.kubeadmConfigs, resources.openStackMachines, resources.openStackServers,
];

type Secret = KubeObject & { type?: string; data: Record<string, string> };
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describeWith(apiServerNeeds, 'a cluster that moves to a new management cluster', () => {
  let old: ApiServer;
  let next: ApiServer;
  let folder: string;
  const key = encryptionConfiguration();

  beforeAll(async () => {
    [old, next, folder] = await Promise.all([startApiServer(), startApiServer(), mkdtemp(join(tmpdir(), 'keelson-secrets-'))]);
    await installKinds(old);
    for (const kind of kindsOfMachines) await old.client.create(resources.customResourceDefinitions, openBox(kind));
    for (const kind of kindsOfMachines) await until(`${kind.plural} are served`, () => old.client.list(kind).then(() => true, () => false), 30_000);
    await next.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await old.client.create(resources.clusters, cluster('demo'));
    for (const [name, server] of [['old', old], ['next', next]] as const) await writeFile(join(folder, name), server.kubeconfig);
    await writeFile(join(folder, 'passphrase'), 'correct horse battery\n');
  }, 150_000);
  afterAll(async () => {
    await Promise.all([old?.stop(), next?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  async function run(...args: string[]): Promise<string> {
    let out = '';
    const stream = { write: (text: string) => ((out += text), true), isTTY: false, columns: 120 };
    const context = { env: {}, home: folder, repository: folder, signal: new AbortController().signal, stdin: (async function* () { yield ''; })(), stdout: stream, stderr: stream, setExitCode: () => undefined };
    await buildProgram(context as unknown as Parameters<typeof buildProgram>[0]).parseAsync(['node', 'keelson', 'cluster', ...args, '--passphrase-file', join(folder, 'passphrase')]);
    return out;
  }
  const exported = (): Promise<string> => run('export', 'demo', '-n', namespace, '--kubeconfig', join(folder, 'old'), '--file', join(folder, 'demo.sealed'));
  const put = (name: string, data: Record<string, string>, type = 'cluster.x-k8s.io/secret'): Promise<unknown> => old.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type, metadata: { name, namespace }, data } as KubeObject);

  it('is not exported without what cannot be made again', async () => {
    for (const part of ['ca', 'etcd', 'proxy', 'sa']) await put(`demo-${part}`, { 'tls.crt': base64(`cert of ${part}`), 'tls.key': base64(`key of ${part}`) });
    await expect(exported()).rejects.toMatchObject({ code: 'EXPORT_INCOMPLETE', message: expect.stringMatching(/Secret demo-encryption is not there \(without it neither etcd nor a backup of it can be read\)/) });
  }, 60_000);

  it('takes certificate authorities, encryption key and credentials along, in a file that shows none of them', async () => {
    await put('demo-encryption', { 'encryption.json': base64(key) });
    await put('cloud', { 'clouds.yaml': base64('clouds: {openstack: {auth: {password: hidden-password}}}') }, 'Opaque');
    await put('other-ca', { 'tls.key': base64('of another cluster') });
    expect(await exported()).toContain('demo-ca, demo-etcd, demo-proxy, demo-sa, demo-encryption, cloud');
    expect((await stat(join(folder, 'demo.sealed'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'demo.sealed'), 'utf8')).not.toMatch(/hidden|demo-ca/);
    await expect(exported()).rejects.toMatchObject({ code: 'CLI_BAD_OPTION' });
  }, 60_000);

  it('finds them in the new one, byte by byte, and again is as good as once', async () => {
    const restore = (): Promise<string> => run('import', join(folder, 'demo.sealed'), '--kubeconfig', join(folder, 'next'));
    expect(await restore()).toContain(`Secret ${namespace}/demo-encryption created`);
    for (const name of ['demo-ca', 'demo-etcd', 'demo-proxy', 'demo-sa', 'demo-encryption', 'cloud']) {
      const [from, to] = [await old.client.get<Secret>(resources.secrets, { namespace, name }), await next.client.get<Secret>(resources.secrets, { namespace, name })];
      expect([to?.type, to?.data]).toEqual([from?.type, from?.data]);
    }
    expect(await next.client.get(resources.secrets, { namespace, name: 'other-ca' })).toBeUndefined();
    expect(await restore()).not.toContain('created');
  }, 60_000);

  it('reads what the cluster had in etcd with the key that came along, and with no other', async () => {
    const file = join(folder, 'encryption.json');
    await writeFile(file, key);
    const workload = await startApiServer({ flags: [`--encryption-provider-config=${file}`] });
    const read = (): Promise<Secret | undefined> => workload.client.get<Secret>(resources.secrets, { namespace: 'default', name: 'kept' });
    /** The API server of a cluster whose etcd was brought back, with this key. Resolves when it is ready. */
    const startWith = async (configuration: string): Promise<void> => {
      await workload.kill();
      await writeFile(file, configuration);
      await workload.start();
    };
    try {
      await workload.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'kept', namespace: 'default' }, data: { what: base64('of the cluster') } } as KubeObject);
      // With another key it is never ready: it cannot even list Secrets for itself.
      void startWith(encryptionConfiguration()).catch(() => undefined);
      await until('it cannot read what it has', () => read().then(() => false, (error: Error) => error.message.includes('500 InternalError')), 60_000);
      const arrived = await next.client.get<Secret>(resources.secrets, { namespace, name: 'demo-encryption' });
      await startWith(Buffer.from(arrived!.data['encryption.json']!, 'base64').toString());
      expect((await read())?.data).toEqual({ what: base64('of the cluster') });
    } finally {
      await workload.stop();
    }
  }, 240_000);

  it('overwrites nothing that is there already', async () => {
    await next.client.patch(resources.secrets, { namespace, name: 'demo-ca' }, { type: 'merge', body: { data: { 'tls.key': base64('a newer key') } } });
    await next.client.delete(resources.secrets, { namespace, name: 'cloud' });
    await expect(run('import', join(folder, 'demo.sealed'), '--kubeconfig', join(folder, 'next'))).rejects.toMatchObject({ code: 'IMPORT_OTHER_SECRET', message: expect.stringMatching(/Secret demo-ca hold something else/) });
    expect(await next.client.get(resources.secrets, { namespace, name: 'cloud' })).toBeUndefined();
  }, 60_000);
});
