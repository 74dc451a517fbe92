/**
 * Every condition type we set and every reason we give, in one table: reconcilers take their strings from here, the
 * reference page is rendered from it. Reasons are stable: alerts and scripts read them.
 */

export interface ConditionType {
  readonly kind: string;
  readonly type: string;
  readonly meaning: string;
  /** Reason → what it means and what a person can do. */
  readonly reasons: Readonly<Record<string, string>>;
}

export const appReady = {
  kind: 'App',
  type: 'Ready',
  meaning: 'The release of this generation is installed and its workloads were healthy when it was.',
  reasons: {
    Installed: 'The release is installed and healthy.',
    Installing: 'Helm is at work, or the workloads are not ready yet.',
    WaitingForCluster: 'The cluster has no kubeconfig yet or its API server does not answer; retried.',
    WaitingForDependency: 'An App in dependsOn is not Ready; the message names it.',
    ChartNotFound: 'No such chart, or not in this version; correct spec.chart or spec.version.',
    ValuesInvalid: 'The chart refuses the values; the message names the key.',
    InstallFailed: 'Helm failed; the message is the last line it said. Retried with back-off.',
    Unhealthy: 'Installed, but a workload did not become ready in time; the message names it. Retried with back-off.',
    Uninstalling: 'The App is being deleted and Helm removes the release.',
    UninstallFailed: 'Helm could not remove the release; retried with back-off.',
  },
} as const satisfies ConditionType;

export const clusterAppsReady = {
  kind: 'Cluster',
  type: 'keelson.dev/AppsReady',
  meaning: 'Every App of the cluster is Ready.',
  reasons: {
    AllReady: 'Every App is Ready.',
    SomeNotReady: 'The message names the Apps that are not.',
    Unmanaged: 'The Cluster has neither our class nor the label keelson.dev/managed.',
  },
} as const satisfies ConditionType;

/** The whole table, for pages and checks. */
export const conditionTypes: readonly ConditionType[] = [appReady, clusterAppsReady];

/** Reasons of a condition, as a type: `Reason<typeof appReady>`. */
export type Reason<T extends ConditionType> = keyof T['reasons'] & string;
