/** What preflight reads of a Cluster (cluster.x-k8s.io/v1beta2), from a file or from the API server. */

export interface PreflightCluster {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly uid?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly clusterNetwork?: { readonly pods?: Ranges; readonly services?: Ranges; readonly serviceDomain?: string };
    readonly topology?: {
      readonly classRef?: { readonly name: string; readonly namespace?: string };
      readonly version?: string;
      readonly controlPlane?: { readonly replicas?: number };
      readonly workers?: { readonly machineDeployments?: readonly WorkerGroup[] };
      readonly variables?: readonly Variable[];
    };
  };
}

export interface WorkerGroup {
  readonly name: string;
  readonly replicas?: number;
  readonly failureDomain?: string;
  readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
  readonly variables?: { readonly overrides?: readonly Variable[] };
}

export interface Variable {
  readonly name: string;
  readonly value: unknown;
}

interface Ranges {
  readonly cidrBlocks?: readonly string[];
}

/** Where the credentials are. Read from the variables as they stand, with the class's defaults: it must be known also for a Cluster whose other variables are wrong, and for one that is on its way out. */
export function identityOf(cluster: PreflightCluster): { readonly type: string; readonly name: string; readonly cloudName: string; readonly region: string | undefined } {
  const { identity, region } = asObject(valuesOf(cluster.spec?.topology?.variables)['cloud']) as { identity?: unknown; region?: unknown };
  const { type = 'Secret', name = 'cloud', cloudName = 'openstack' } = asObject(identity);
  return { type: String(type), name: String(name), cloudName: String(cloudName), region: typeof region === 'string' ? region : undefined };
}

/** An empty object for anything else. */
export const asObject = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});

/** Variables by name, as the class wants them. */
export const valuesOf = (variables: readonly Variable[] | undefined): Record<string, unknown> => Object.fromEntries((variables ?? []).map(({ name, value }) => [name, value]));
