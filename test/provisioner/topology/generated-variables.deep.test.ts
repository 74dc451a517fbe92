import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { previousKubernetesVersion, toolsFolderOf } from '../../../sandbox/tools/index.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { checkGenerated, installSchemas, kubeadmOf } from './generated-variables.ts';

describeWith({ tools: [...apiServerNeeds.tools, 'kubeadm'] }, 'any valid set of variables, many of them', () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApiServer();
    await installSchemas(api);
  }, 150_000);
  afterAll(() => api?.stop());

  test('gives objects that the API server takes, and documents that the kubeadm of each version takes, and files that its API server starts with', async () => {
    const seed = Number(process.env['KEELSON_SEED'] ?? Date.now() % 1e9);
    const previous = toolsFolderOf(toolsBin, previousKubernetesVersion);
    const versions = [kubeadmOf('v1.36.3'), ...(existsSync(previous) ? [kubeadmOf(`v${previousKubernetesVersion}`, previous)] : [])];
    const counts = await checkGenerated(api, { runs: 300, seed, kubeadm: versions.map((version) => ({ ...version, every: 6 })), starts: versions.map(({ binary, version }) => ({ binaries: dirname(binary), version, every: 8 })) });
    process.stdout.write(`generated variables: seed ${seed}, ${JSON.stringify(counts)}, kubeadm ${versions.map(({ version }) => version).join(' and ')}\n`);
    expect(counts.valid).toBeGreaterThan(100);
    expect(counts.started).toBeGreaterThan(10 * versions.length);
  }, 900_000);
});
