/** Alertmanager's configuration, the part we use (https://prometheus.io/docs/alerting/latest/configuration/). */

export interface AlertmanagerConfig {
  readonly route: Route;
  readonly receivers: readonly Receiver[];
  readonly inhibit_rules: readonly InhibitRule[];
}

export interface Route {
  readonly receiver?: string;
  /** `label="value"`, `!=`, `=~`, `!~`; all must hold. */
  readonly matchers?: readonly string[];
  readonly continue?: boolean;
  readonly group_by?: readonly string[];
  readonly group_wait?: string;
  readonly group_interval?: string;
  readonly repeat_interval?: string;
  readonly routes?: readonly Route[];
}

export interface Receiver {
  readonly name: string;
  readonly webhook_configs?: readonly { readonly url: string; readonly send_resolved: boolean }[];
}

export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}
