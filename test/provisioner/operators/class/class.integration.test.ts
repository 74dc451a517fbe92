import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type KubeClient, type KubeObject, resources } from '../../../../provisioner/kube/index.ts';
import { certificateControllers } from '../../../../provisioner/operators/certificates/index.ts';
import { classController } from '../../../../provisioner/operators/class/controller.ts';
import { classObjects } from '../../../../provisioner/topology/class/objects.ts';
import { extensionConfig } from '../../../../provisioner/topology/extension/extension-config.ts';
import { type ApiServer, apiServerNeeds, startApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { eventually, startControllers, type TestContext, testContext } from '../surroundings.ts';

const crds = join(import.meta.dirname, '../../../../charts/cluster-api/templates/crds');

describeWith(apiServerNeeds, 'class, against a real API server with the CRDs of Cluster API', () => {
  let api: ApiServer;
  let context: TestContext;
  let stop: () => Promise<void>;
  const objects = [...classObjects(), extensionConfig()];
  const clusterClass = () => api.client.get(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' });

  beforeAll(async () => {
    api = await startApiServer();
    context = testContext(api.client);
    await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keelson-system' } });
    stop = startControllers([classController({ context, objects, resyncMs: 500 }), ...certificateControllers(context)]);
  }, 150_000);

  afterAll(async () => {
    await stop?.();
    await api?.stop();
  });

  it('waits while Cluster API is not there, and says so once', async () => {
    await eventually(() => context.said.some((line) => line.includes('class waits')));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(context.said.filter((line) => line.includes('class waits'))).toHaveLength(1);
  }, 60_000);

  it('publishes class, templates and extension when it is', async () => {
    for (const file of await readdir(crds)) {
      const crd = parse(unhelmed(await readFile(join(crds, file), 'utf8'))) as KubeObject & { spec: { conversion?: object } };
      delete crd.spec.conversion;
      await api.client.create(resources.customResourceDefinitions, crd);
    }
    const published = await eventually(clusterClass);
    for (const { apiVersion, kind, metadata } of objects) expect(context.said.join('\n')).not.toContain(`ClassNotPublished ${kind} ${metadata.name} ${apiVersion}`);
    expect(await eventually(() => api.client.get(resources.extensionConfigs, { name: 'keelson' }))).toBeDefined();
    expect(published.metadata['managedFields']).toEqual([expect.objectContaining({ manager: 'keelson-class', operation: 'Apply' })]);
  }, 90_000);

  it('leaves the CA in the ExtensionConfig that certificates has put there', async () => {
    const metadata = { name: 'keelson-topology-extension', namespace: 'keelson-system', annotations: { 'keelson.dev/serving-cert-secret': 'keelson-topology-extension-tls' } };
    await api.client.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 443 }] } });
    const bundle = async () => ((await api.client.get(resources.extensionConfigs, { name: 'keelson' }))?.['spec'] as { clientConfig: { caBundle?: string } }).clientConfig.caBundle;
    const injected = await eventually(bundle);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await bundle()).toBe(injected);
    expect(Buffer.from(injected, 'base64').toString()).toContain('BEGIN CERTIFICATE');
  }, 60_000);

  it('puts back what somebody deleted', async () => {
    await api.client.delete(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' });
    await eventually(clusterClass);
  }, 60_000);

  type Class = KubeObject & { spec: { patches: { external: { settings: Record<string, string> } }[] } };
  const another = async (): Promise<void> => {
    const foreign = (await eventually(clusterClass)) as Class;
    foreign.spec.patches[0]!.external.settings['output'] = 'f'.repeat(64);
    delete foreign.metadata['managedFields'];
    await api.client.replace(resources.clusterClasses, foreign);
  };

  it('leaves a class alone that makes other machines, and says so once', async () => {
    await eventually(() => another().then(() => true));
    await eventually(() => context.said.some((line) => line.includes('ffffffffffff')));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(context.said.filter((line) => line.includes('class is left as it is'))).toHaveLength(1);
    expect(((await clusterClass()) as Class).spec.patches[0]!.external.settings).toEqual({ output: 'f'.repeat(64) });
  }, 60_000);

  it('nor does it write over one that came while it was writing', async () => {
    await api.client.delete(resources.clusterClasses, { namespace: 'keelson-system', name: 'openstack-v1' });
    await eventually(clusterClass);
    await stop();
    let writes = 0;
    const apply: KubeClient['apply'] = async (resource, object, options) => {
      if (writes++ === 0) await another();
      return await api.client.apply(resource, object, options);
    };
    const client = new Proxy(api.client, { get: (target, name) => (name === 'apply' ? apply : bound(target, name)) });
    const its = testContext(client);
    stop = startControllers([classController({ context: its, objects, resyncMs: 500 })]);
    await eventually(() => its.said.some((line) => line.includes('class is left as it is')));
    expect(((await clusterClass()) as Class).spec.patches[0]!.external.settings).toEqual({ output: 'f'.repeat(64) });
    expect(its.said.join('\n')).not.toContain('ClassNotPublished');
  }, 60_000);
});

function bound(target: KubeClient, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) as unknown : value;
}

/** The CRDs are chart templates: whole lines of template syntax go, the rest is YAML. */
function unhelmed(text: string): string {
  return text.split('\n').filter((line) => !/^\s*\{\{-? ?(if|end|range|include|\/\*)/.test(line)).join('\n').replaceAll(/\{\{.*?\}\}/g, 'x');
}
