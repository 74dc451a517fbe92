import type { FleetReport } from './report.ts';

/** The report of `keelson up --once` for a person. */
export function renderReport(report: FleetReport): string {
  const width = Math.max(...report.phases.map((p) => p.name.length));
  const lines = report.phases.map((p) => `  ${p.name.padEnd(width)}  ${p.state.padEnd(7)}  ${p.seconds.toFixed(1).padStart(7)} s${p.message ? `  ${p.message}` : ''}`);
  return `${report.ok ? 'All phases held.' : 'Not all phases held.'}\n${lines.join('\n')}\n`;
}
