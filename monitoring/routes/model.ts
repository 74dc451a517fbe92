/** Alertmanager's configuration, the part we use (https://prometheus.io/docs/alerting/latest/configuration/). */

export interface AlertmanagerConfig {
  readonly route: Route;
  readonly receivers: readonly Receiver[];
  readonly inhibit_rules: readonly InhibitRule[];
  readonly time_intervals?: readonly TimeInterval[];
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
  /** Names of intervals outside of which nothing is sent. */
  readonly active_time_intervals?: readonly string[];
  readonly routes?: readonly Route[];
}

export interface Receiver {
  readonly name: string;
  readonly webhook_configs?: readonly ({ readonly send_resolved: boolean } & ({ readonly url: string } | { readonly url_file: string }))[];
  readonly pagerduty_configs?: readonly Readonly<{ [field: string]: unknown }>[];
  readonly opsgenie_configs?: readonly Readonly<{ [field: string]: unknown }>[];
  readonly slack_configs?: readonly Readonly<{ [field: string]: unknown }>[];
  readonly email_configs?: readonly Readonly<{ [field: string]: unknown }>[];
}

export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal: readonly string[];
}

export interface TimeInterval {
  readonly name: string;
  readonly time_intervals: readonly { readonly weekdays: readonly string[]; readonly times: readonly { readonly start_time: string; readonly end_time: string }[]; readonly location: string }[];
}
