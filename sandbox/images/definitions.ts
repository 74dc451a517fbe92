/** Our images: what runs in them and what they hold beside it. */

export interface ImageDefinition {
  readonly name: 'keelson' | 'cert-exporter' | 'net-exporter';
  readonly repository: string;
  readonly description: string;
  /** Module in /app → source; the first one is the entry point of the image. */
  readonly entryPoints: Readonly<Record<string, string>>;
  /** Whether /charts holds the charts and /usr/local/bin/helm installs them. */
  readonly deliversCharts: boolean;
}

export const imageDefinitions: readonly ImageDefinition[] = [
  {
    name: 'keelson',
    repository: 'ghcr.io/keelson/keelson',
    description: 'Keelson: operator, topology extension, federation proxy, command line',
    entryPoints: { keelson: 'provisioner/cli/main.ts' },
    deliversCharts: true,
  },
  {
    name: 'cert-exporter',
    repository: 'ghcr.io/keelson/cert-exporter',
    description: 'cert-exporter: expiry of certificates as Prometheus metrics',
    entryPoints: { 'cert-exporter': 'exporters/cert/main.ts' },
    deliversCharts: false,
  },
  {
    name: 'net-exporter',
    repository: 'ghcr.io/keelson/net-exporter',
    description: 'net-exporter: what works between nodes, as Prometheus metrics; alone, or with cert-exporter in one process',
    entryPoints: { 'net-exporter': 'exporters/net/main.ts', 'node-exporters': 'exporters/node/main.ts' },
    deliversCharts: false,
  },
];
