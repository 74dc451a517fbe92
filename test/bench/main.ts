/** `npm run bench -- <name> [group …]`: prints goal, measured, met or missed; exits 1 only where it could not measure. Results are kept in docs/bench. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accessFigures } from './access.ts';
import { appsFigures } from './apps.ts';
import { certExporterFigures } from './cert-exporter.ts';
import { renderFigures, type Figure } from './figures.ts';
import { monitoringFigures } from './monitoring.ts';
import { netExporterFigures } from './net-exporter.ts';
import { policiesFigures } from './policies.ts';
import { sandboxFigures } from './sandbox.ts';
import { topologyFigures } from './topology.ts';

const benches: Record<string, (groups: readonly string[]) => Promise<readonly Figure[]>> = {
  access: accessFigures, apps: appsFigures, 'cert-exporter': certExporterFigures, monitoring: monitoringFigures, 'net-exporter': netExporterFigures, policies: policiesFigures, sandbox: sandboxFigures, topology: topologyFigures,
};

const name = process.argv[2] ?? '';
const bench = benches[name];
if (!bench) {
  console.error(`which bench? one of: ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
const groups = process.argv.slice(3);
const figures = await bench(groups);
const text = renderFigures(figures);
console.log(text);
const folder = join(import.meta.dirname, '..', '..', 'docs', 'bench');
await mkdir(folder, { recursive: true });
const file = join(folder, `${name}.md`);
const kept = groups.length > 0 ? keptRows(await readFile(file, 'utf8').catch(() => ''), figures) : '';
await writeFile(file, `# Bench: ${name}\nWritten by \`npm run bench -- ${name}\`, the last run of each line. Two cores, 24 GiB unless a line says otherwise.\n\n${text}\n${kept}`);
process.exitCode = figures.every((f) => f.measured !== undefined) ? 0 : 1;

/** Rows of the last report that this run did not measure. */
function keptRows(report: string, measured: readonly Figure[]): string {
  const names = new Set(measured.map((figure) => figure.what));
  const rows = report.split('\n').filter((line) => line.startsWith('| ')).slice(2);
  return rows.filter((row) => !names.has(row.split(' | ')[0]?.slice(2) ?? '')).map((row) => `${row}\n`).join('');
}
