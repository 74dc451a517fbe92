/**
 * A handler of the topology extension as Cluster API keeps it in the status of the ExtensionConfig, and calls it
 * (https://cluster-api.sigs.k8s.io/tasks/experimental-features/runtime-sdk/implement-extensions).
 */
export interface RegisteredHandler {
  /** `<handler>.<extensionconfig>` in the status; the first part alone where the extension answers. */
  readonly name: string;
  readonly requestHook: { readonly apiVersion: string; readonly hook: string };
  readonly timeoutSeconds: number;
  /** What Cluster API does when nobody answers: stop the reconcile, or go on. */
  readonly failurePolicy: 'Fail' | 'Ignore';
}
