/** The exposition, judged by Prometheus's own tool. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWith, toolsBin } from '../../fixtures/needs.ts';
import { makeCertificate } from './make-certificate.ts';
import { start } from './running-exporter.ts';

describeWith({ tools: ['promtool'] }, 'the exposition of cert-exporter', () => {
  test('gives promtool nothing to complain about', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'exporter-'));
    await writeFile(join(folder, 'say "hi"\n.crt'), (await makeCertificate({ serial: 'ff' })).cert);
    const exporter = await start(folder);
    try {
      const { text } = await exporter.get('/metrics');
      expect(text).toContain('cert_exporter_not_after{');
      const { status, stderr, stdout } = spawnSync(join(toolsBin, 'promtool'), ['check', 'metrics'], { input: text, encoding: 'utf8' });
      expect({ status, output: stdout + stderr }).toEqual({ status: 0, output: '' });
    } finally {
      await exporter.stop();
      await rm(folder, { recursive: true });
    }
  });
});
