/** What `keelson status` and the closing screen of `keelson up` show: the fleet as it is now, as plain data. */
import type { Substitute } from './substitutes.ts';

export interface ClusterStatus {
  readonly name: string;
  readonly role: 'management' | 'workload';
  readonly kubernetesVersion: string;
  /** Condition Available of the Cluster; for the management cluster: its API server answers /readyz. */
  readonly available: boolean;
  /** Why not, in the words of the condition. */
  readonly reason?: string;
  readonly nodes: { readonly ready: number; readonly total: number };
  readonly machines: { readonly running: number; readonly total: number };
  readonly components: readonly ComponentStatus[];
  readonly kubeconfig: string;
}

export interface ComponentStatus {
  readonly name: string;
  readonly ready: boolean;
  readonly reason?: string;
}

/** Somebody of an organization, who logs in to the management cluster. */
export interface PersonStatus {
  readonly name: string;
  readonly organization: string;
  readonly role: string;
  readonly kubeconfig: string;
}

export interface PageStatus {
  readonly alert: string;
  readonly cluster: string;
  readonly severity: string;
  readonly state: 'firing' | 'resolved';
  readonly summary: string;
  readonly runbook?: string;
}

export interface FleetStatus {
  /** `standsFor`: what is at this address in production, where that is something else. */
  readonly addresses: readonly { readonly name: string; readonly url: string; readonly standsFor?: string }[];
  readonly clusters: readonly ClusterStatus[];
  /** Of `keelson up --organizations`; none else. */
  readonly people: readonly PersonStatus[];
  readonly pages: readonly PageStatus[];
  /** Images that only pretend, with the reason; never counted as healthy. */
  readonly standIns: readonly { readonly image: string; readonly reason: string }[];
  /** What is something else than in production by design of the sandbox; does not count against it. */
  readonly substitutes: readonly Substitute[];
  /** Seconds of each phase of the last `keelson up`. */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
}

/** Whether everything that was asked for is there. Stand-ins count against it. */
export function isHealthy(status: FleetStatus): boolean {
  return (
    status.clusters.length > 0 &&
    status.standIns.length === 0 &&
    status.clusters.every((c) => c.available && c.nodes.total > 0 && c.nodes.ready === c.nodes.total && c.components.every((component) => component.ready))
  );
}
