import { apiServerNeeds } from '../../fixtures/api-server.ts';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { apiServerWithSchemas, checkGenerated, kubeadmOf } from './generated-variables.ts';

describeWith({ tools: [...apiServerNeeds.tools, 'kubeadm'] }, 'any valid set of variables', () => {
  const api = apiServerWithSchemas();

  test('gives objects that the API server takes, and documents that kubeadm takes, and files that an API server starts with', async () => {
    const seed = Number(process.env['KEELSON_SEED'] ?? Date.now() % 1e9);
    const counts = await checkGenerated(api(), { runs: 60, seed, kubeadm: [{ ...kubeadmOf('v1.36.3'), every: 8 }], starts: [{ binaries: toolsBin, version: 'v1.36.3', every: 20 }] });
    process.stdout.write(`generated variables: seed ${seed}, ${JSON.stringify(counts)}\n`);
    expect(counts.valid).toBeGreaterThan(20);
    expect(counts.started).toBeGreaterThan(0);
  }, 120_000);
});
