/** Everything together: a field, a net-exporter in every node, the real Prometheus with the recording rules that we ship, and nobody complaining. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkRecords } from '../../../../monitoring/rules/network/index.ts';
import { renderGroups } from '../../../../monitoring/rules/render.ts';
import type { Needs } from '../../../fixtures/needs.ts';
import { quiet, type Watch } from './detection.ts';
import { Field } from './field.ts';
import { netExporter, type Variant } from './net-exporter.ts';
import { look } from './observer.ts';
import { Prometheus } from './prometheus.ts';

export const provingNeeds: Needs = { root: true, commands: ['ip', 'nft', 'unshare', 'nsenter'], tools: ['packet-delay', 'prometheus'] };

export interface ProvingGround {
  readonly field: Field;
  readonly prometheus: Prometheus;
  look: Watch['look'];
  end(): Promise<void>;
}

/** The rules read the job net-exporter, which one variant should be. Scrapes and rules run every second. */
export async function provingGround(variants: readonly Variant[], options: { readonly patienceMs: number }): Promise<ProvingGround> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-field-'));
  const field = new Field();
  const end = async (): Promise<void> => {
    await field.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await field.start();
    for (const variant of variants) await field.run(await netExporter(folder, field.topology, variant));
    // JSON is YAML.
    const rules = [JSON.stringify(renderGroups([{ ...networkRecords, intervalSeconds: 1 }], { runbookBase: '' }))];
    const prometheus = await Prometheus.start(field, { folder, everySeconds: 1, jobs: variants, rules });
    const ground = { field, prometheus, look: () => look(prometheus), end };
    await quiet({ ...ground, pollMs: 250, patienceMs: options.patienceMs });
    return ground;
  } catch (error) {
    await end();
    throw error;
  }
}
