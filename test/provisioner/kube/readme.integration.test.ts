/** The README's example, as it stands there, is a program that works and stops. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { resources } from '../../../provisioner/kube/index.ts';
import { apiServerNeeds, startApiServer } from '../../fixtures/api-server.ts';
import { describeWith } from '../../fixtures/needs.ts';
import { configMap, type ConfigMap } from './config-map.ts';
import { until } from './until.ts';

describeWith(apiServerNeeds, 'the example of the README', () => {
  test('copies, removes copies, and exits 0 on SIGTERM', async () => {
    const code = /```ts\n(.*?)```/s.exec(await readFile('provisioner/kube/README.md', 'utf8'))?.[1];
    const folder = await mkdtemp(join(tmpdir(), 'keelson-readme-'));
    const api = await startApiServer();
    try {
      await writeFile(join(folder, 'kubeconfig'), api.kubeconfig);
      await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'backup' } });
      const program = spawn('node_modules/.bin/node', ['--input-type=module-typescript', '-e', code ?? '', join(folder, 'kubeconfig')], { stdio: ['ignore', 'inherit', 'inherit'] });
      const exited = new Promise<number | null>((resolve) => program.once('exit', resolve));
      const copy = (): Promise<ConfigMap | undefined> => api.client.get<ConfigMap>(resources.configMaps, { namespace: 'backup', name: 'default.settings' });
      await api.client.create(resources.configMaps, configMap('default', 'settings', { a: '1' }, { copy: 'yes' }));
      await until('the copy is there', async () => (await copy())?.data?.['a'] === '1');
      await api.client.patch(resources.configMaps, { namespace: 'default', name: 'settings' }, { type: 'merge', body: { data: { a: '2' } } });
      await until('the copy follows', async () => (await copy())?.data?.['a'] === '2');
      await api.client.delete(resources.configMaps, { namespace: 'default', name: 'settings' });
      await until('the copy is gone', async () => (await copy()) === undefined);
      program.kill('SIGTERM');
      expect(await exited).toBe(0);
    } finally {
      await api.stop();
      await rm(folder, { recursive: true, force: true });
    }
  }, 180_000);
});
