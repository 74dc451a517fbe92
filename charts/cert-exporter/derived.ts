/** What the chart takes from the sources (policies, rules, board), and the reference pages of cert-exporter: its metrics from its catalogue, its configuration and flags from its schema. */
import { stringify } from 'yaml';
import { boardJson } from '../../dashboards/board.ts';
import { certificatesBoard } from '../../dashboards/certificates.ts';
import { catalogue, skipReasons, switchable } from '../../exporters/cert/catalogue.ts';
import { flags, schema } from '../../exporters/cert/config.ts';
import type { MetricFamily } from '../../exporters/core/catalogue.ts';
import { certificateGroups } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';
import { chartNetworkPolicies } from '../render/network-policies.ts';
import { plainSchema } from '../render/json-schema.ts';
import { schemaTable } from '../render/values-page.ts';

export const derived = (): Record<string, string> => ({
  'templates/network-policies.yaml': chartNetworkPolicies({
    cluster: 'workload',
    components: { 'cert-exporter-files': '.Values.files.enabled', 'cert-exporter-cluster': 'include "chart.watchesCluster" .' },
    labels: 'include "chart.labels" . | fromYaml',
  }),
  'boards/keelson-certificates.json': boardJson(certificatesBoard()),
  'rules/certificates.yaml': stringify(renderGroups(certificateGroups, { runbookBase: '' }), { version: '1.1', lineWidth: 0 }),
});

export function pages(): Record<string, string> {
  const reasons = Object.entries(skipReasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`);
  return {
    'metrics-cert-exporter.md': [
      '# Metrics of cert-exporter', '',
      'Beside these every exporter has the `process_*` and `nodejs_*` families of its own process.', '',
      '| family | type | labels | since | meaning |', '|---|---|---|---|---|', ...catalogue.map(row), '',
      '## Reasons', '', 'Values of the label `reason` of `cert_exporter_source_errors_total`: why an object was skipped.', '',
      '| reason | meaning |', '|---|---|', ...reasons,
    ].join('\n'),
    'config-cert-exporter.md': configPage(),
  };
}

function configPage(): string {
  const rows = flags.map(({ name, key, also = [], help }) => `| \`--${name}\` | ${[key, ...also].map((one) => `\`${one.join('.')}\``).join(', ')} | ${help} |`);
  return [
    '# Configuration of cert-exporter', '',
    'A YAML file, named with `--config`. Flags win over it. An unknown key is an error that names the nearest known one, and all problems come at once.', '',
    schemaTable(plainSchema(schema)), '',
    '## Flags', '', 'Written as Go programs take them: `--flag value`, `--flag=value`, `-flag=value`.', '',
    '| flag | key | meaning |', '|---|---|---|', '| `--config` | | YAML file; flags win over it |', ...rows,
  ].join('\n');
}

function row({ name, type, labels, since, stability, help, compatibleWith }: MetricFamily): string {
  const group = Object.entries(switchable).find(([, has]) => has(name))?.[0];
  const off = group ? ` Switched off with \`families.${group}\`.` : '';
  const note = compatibleWith ? ` Name and labels as in ${compatibleWith}.` : '';
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${since}, ${stability} | ${help}${note}${off} |`;
}
