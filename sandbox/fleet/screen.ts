/** The fleet on one screen, for a terminal. */
import type { ClusterStatus, FleetStatus, PageStatus } from './fleet-status.ts';
import { isHealthy } from './fleet-status.ts';

export function renderScreen(status: FleetStatus): string {
  const sections = [
    [isHealthy(status) ? 'The fleet is up.' : 'The fleet is not complete.'],
    ['Clusters', ...table([['NAME', 'ROLE', 'VERSION', 'AVAILABLE', 'NODES', 'MACHINES', 'COMPONENTS'], ...status.clusters.map(clusterRow)]), ...status.clusters.flatMap(problems)],
    ['Addresses', ...table(status.addresses.map((a) => [a.standsFor === undefined ? a.name : `${a.name} *`, a.url]))],
    ['Kubeconfigs', ...table(status.clusters.map((c) => [c.name, `export KUBECONFIG=${c.kubeconfig}`]))],
    status.people.length ? ['People (in the management cluster)', ...table(status.people.map((p) => [p.name, `${p.role} of ${p.organization}`, `export KUBECONFIG=${p.kubeconfig}`]))] : [],
    status.pages.length ? ['Pages', ...status.pages.map(pageLine)] : [],
    status.standIns.length ? ['Stand-ins (only pretend, not healthy)', ...table(status.standIns.map((s) => [s.image, s.reason]))] : [],
    status.substitutes.length ? ['* Not as in production', ...table(status.substitutes.map((s) => [s.what, s.tag, `for ${s.inProduction}`, s.docs]))] : [],
    status.phases.length ? ['Last start', ...table(status.phases.map((p) => [p.name, `${p.seconds.toFixed(1)} s`])), `  ${sum(status.phases.map((p) => p.seconds)).toFixed(1)} s together`] : [],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')
    .concat('\n');
}

function clusterRow(c: ClusterStatus): string[] {
  const ready = c.components.filter((component) => component.ready).length;
  return [c.name, c.role, c.kubernetesVersion, c.available ? 'yes' : 'no', `${c.nodes.ready}/${c.nodes.total}`, c.machines.total ? `${c.machines.running}/${c.machines.total}` : '-', `${ready}/${c.components.length}`];
}

function problems(c: ClusterStatus): string[] {
  const lines = c.available ? [] : [`  ${c.name} is not available: ${c.reason ?? 'no reason given'}`];
  return [...lines, ...c.components.filter((component) => !component.ready).map((component) => `  ${c.name}/${component.name}: ${component.reason ?? 'not ready'}`)];
}

function pageLine(page: PageStatus): string {
  return `  ${page.state === 'firing' ? 'FIRING  ' : 'resolved'} ${page.severity.padEnd(8)} ${page.cluster}: ${page.alert}: ${page.summary}${page.runbook ? `\n           runbook: ${page.runbook}` : ''}`;
}

/** Columns padded to the widest cell, indented by two. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
