/** The client's verbs against a real API server. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KubeObject, fromKubeconfig, KubeClient, KubeError, resources } from '../../../provisioner/kube/index.ts';
import { type ApiServer, apiServerNeeds, kubeconfigFor, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';

interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}

const configMap = (name: string, data: Record<string, string> = {}, namespace = 'default'): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });

describeWith(apiServerNeeds, 'client against a real API server', () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApiServer();
  }, 180_000);
  afterAll(() => api?.stop());

  test('reads back what it created, and says undefined for what is not there', async () => {
    const created = await api.client.create(resources.configMaps, configMap('read-back', { a: '1' }));
    expect(created.metadata.uid).toBeDefined();
    const read = await api.client.get<ConfigMap>(resources.configMaps, { namespace: 'default', name: 'read-back' });
    expect(read).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } });
    expect(await api.client.get(resources.configMaps, { namespace: 'default', name: 'absent' })).toBeUndefined();
  });

  test('a second create is KUBE_ALREADY_EXISTS', async () => {
    await api.client.create(resources.configMaps, configMap('twice'));
    await expect(api.client.create(resources.configMaps, configMap('twice'))).rejects.toMatchObject({ code: 'KUBE_ALREADY_EXISTS', status: 409 });
  });
});
