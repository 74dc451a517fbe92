/** The figures of net-exporter: `detection` the faults in the field, `footprint` what a pod costs, `memory` both exporters in one process beside Node.js itself, `mesh` a thousand nodes. Needs root, nftables and the tools prometheus and packet-delay. */
import type { Figure } from './figures.ts';
import { detectionFigures } from './net-exporter/detection.ts';
import { footprintFigures } from './net-exporter/footprint.ts';
import { memoryFigures } from './net-exporter/memory.ts';
import { meshFigures } from './net-exporter/mesh.ts';

const all: Record<string, () => Promise<Figure[]>> = { detection: detectionFigures, footprint: footprintFigures, memory: memoryFigures, mesh: meshFigures };

/** @param groups all when empty */
export async function netExporterFigures(groups: readonly string[]): Promise<Figure[]> {
  const unknown = groups.find((group) => !(group in all));
  if (unknown !== undefined) throw new Error(`there is no group ${unknown} in this bench; there are ${Object.keys(all).join(', ')}`);
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(all)) if (groups.length === 0 || groups.includes(name)) figures.push(...(await measure()));
  return figures;
}
