/** The figures of net-exporter: `detection` the faults in the field, `footprint` what a pod costs, `memory` both exporters in one process beside Node.js itself, `mesh` a thousand nodes. Needs root, nftables and the tools prometheus and packet-delay. */
import { measureGroups, type Figure } from './figures.ts';
import { detectionFigures } from './net-exporter/detection.ts';
import { footprintFigures } from './net-exporter/footprint.ts';
import { memoryFigures } from './net-exporter/memory.ts';
import { meshFigures } from './net-exporter/mesh.ts';

export const netExporterFigures = (groups: readonly string[]): Promise<Figure[]> => measureGroups({ detection: detectionFigures, footprint: footprintFigures, memory: memoryFigures, mesh: meshFigures }, groups);
