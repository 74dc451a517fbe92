/** The reference page of cert-exporter's metrics, from its catalogue. */
import { catalogue, skipReasons } from '../../exporters/cert/catalogue.ts';
import type { MetricFamily } from '../../exporters/core/catalogue.ts';

export const derived = (): Record<string, string> => ({});

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
  };
}

function row({ name, type, labels, since, stability, help, compatibleWith }: MetricFamily): string {
  const note = compatibleWith ? ` Name and labels as in ${compatibleWith}.` : '';
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${since}, ${stability} | ${help}${note} |`;
}
