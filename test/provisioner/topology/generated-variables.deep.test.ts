import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { previousKubernetesVersion, toolsFolderOf } from '../../../sandbox/tools/index.ts';
import { apiServerNeeds } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { apiServerWithSchemas, checkGenerated, kubeadmOf } from './generated-variables.ts';

/** The previous version is built when it is asked for: `node sandbox/tools/main.ts --previous-kubernetes`. */
const versions = [['v1.36.3', toolsBin], [`v${previousKubernetesVersion}`, toolsFolderOf(toolsBin, previousKubernetesVersion)]] as const;

for (const [version, folder] of versions) {
  describeWith({ tools: apiServerNeeds.tools, files: [join(folder, 'kubeadm'), join(folder, 'kube-apiserver')] }, `any valid set of variables, many of them, for Kubernetes ${version}`, () => {
    const api = apiServerWithSchemas();

    test('gives objects that the API server takes, documents that kubeadm takes, and files that an API server starts with', async () => {
      const seed = Number(process.env['KEELSON_SEED'] ?? Date.now() % 1e9);
      const counts = await checkGenerated(api(), { runs: 300, seed, kubeadm: [{ ...kubeadmOf(version, folder), every: 6 }], starts: [{ binaries: folder, version, every: 8 }] });
      process.stdout.write(`generated variables: seed ${seed}, ${JSON.stringify(counts)}, Kubernetes ${version}\n`);
      expect(counts.valid).toBeGreaterThan(100);
      expect(counts.started).toBeGreaterThan(10);
    }, 900_000);
  });
}
