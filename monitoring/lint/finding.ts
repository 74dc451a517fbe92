/** What is linted, and what is found. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import type { MetricFamily } from '../../exporters/core/catalogue.ts';
import type { WatchedComponent } from '../catalogue/components.ts';
import type { ForeignFamily } from '../catalogue/index.ts';
import type { AlertmanagerConfig } from '../routes/model.ts';
import type { Rule, RuleGroup } from '../rules/model.ts';

export interface Chain {
  readonly catalogues: readonly MetricFamily[];
  readonly foreign: readonly ForeignFamily[];
  readonly groups: readonly RuleGroup[];
  readonly config: AlertmanagerConfig;
  /** Name of a file in docs/runbooks → its text. */
  readonly runbooks: ReadonlyMap<string, string>;
  /** What runs on clusters, and by which alerts it is watched. */
  readonly components: readonly WatchedComponent[];
  /** What pages link to. */
  readonly boards: readonly Dashboard[];
}

export interface Finding {
  readonly object: string;
  readonly path: string;
  readonly rule: string;
  readonly message: string;
  readonly fix: string;
}

export function nameOf(rule: Rule): string {
  return rule.kind === 'record' ? rule.record : `${rule.alert} (${rule.severity})`;
}
