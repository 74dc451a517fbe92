/** What the operations of the driver take. */
import type { Kubeconfig } from './files.ts';
import type { Values } from './values.ts';

/** A release and the way to its cluster. */
export interface ReleaseRef {
  readonly release: string;
  readonly namespace: string;
  readonly kubeconfig: Kubeconfig;
  /** In whose name, where not in the kubeconfig's: system:serviceaccount:NAMESPACE:NAME (impersonation). */
  readonly asUser?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ChartRef {
  /** Folder or archive of the chart, or an OCI reference. */
  readonly chart: string;
  /** For an OCI reference; a folder has the version it has. */
  readonly version?: string | undefined;
  readonly values?: Values;
  /** Merged over `values`; every string in it is masked in messages. */
  readonly secretValues?: Values;
  /** Strings in `values` that are secret too: masked in messages. */
  readonly secrets?: readonly string[];
}

export interface UpgradeInstall extends ReleaseRef, ChartRef {
  readonly createNamespace?: boolean;
  /** Wait until every object is ready. Without it only hooks are waited for. */
  readonly wait?: boolean;
  /** Take fields over that another field manager set, so that what the chart says wins. */
  readonly forceConflicts?: boolean;
  /** Leave the CRDs in the chart's folder crds/ alone, which a first installation would make or overwrite. */
  readonly skipCrds?: boolean;
  /**
   * Clears what a killed process left behind: a release that is pending, or in the middle of an uninstallation. See `record.ts`.
   * Not given: the driver does what commands can do, and rolls back or uninstalls.
   */
  readonly recover?: (o: { readonly now: Date; readonly pendingAfterMs: number }) => Promise<void>;
}

export interface Template extends ChartRef {
  readonly release: string;
  readonly namespace: string;
  readonly kubeVersion?: string;
  /** API versions or kinds to treat as served, e.g. `monitoring.coreos.com/v1/ServiceMonitor`. */
  readonly apiVersions?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}
