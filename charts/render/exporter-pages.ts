/** Reference pages of the exporters: metrics from their catalogues, configuration and flags from their schemas. */
import type { z } from 'zod';
import * as cert from '../../exporters/cert/catalogue.ts';
import * as certConfig from '../../exporters/cert/config.ts';
import type { MetricFamily } from '../../exporters/core/catalogue.ts';
import type { Flag } from '../../exporters/core/flags.ts';
import * as net from '../../exporters/net/catalogue.ts';
import * as netConfig from '../../exporters/net/config.ts';
import type { Files } from './chart-module.ts';
import { plainSchema } from './json-schema.ts';
import { schemaTable } from './values-page.ts';

/** File name in docs/reference → content. */
export function exporterPages(): Files {
  return {
    'metrics-cert-exporter.md': metricsPage('cert-exporter', cert.catalogue, [reasons('cert_exporter', cert.skipReasons)], switchedOff),
    'config-cert-exporter.md': configPage('cert-exporter', certConfig),
    'metrics-net-exporter.md': metricsPage('net-exporter', net.catalogue, [
      verdictTable(),
      meanings('Kinds of errors', 'Values of the label `kind`: how a connection failed.', net.connectErrors),
      meanings('Results of DNS', 'Values of the label `rcode`.', net.dnsResults),
      meanings('Results of NTP', 'Values of the label `result`.', net.ntpResults),
      reasons('net_exporter', net.skipReasons),
    ]),
    'config-net-exporter.md': configPage('net-exporter', netConfig),
  };
}

function metricsPage(exporter: string, catalogue: readonly MetricFamily[], sections: readonly string[], note: (family: string) => string = () => ''): string {
  return [
    `# Metrics of ${exporter}`, '',
    'Beside these every exporter has the `process_*` and `nodejs_*` families of its own process.', '',
    '| family | type | labels | since | meaning |', '|---|---|---|---|---|', ...catalogue.map((family) => row(family, note)), '',
    sections.join('\n\n'),
  ].join('\n');
}

function row({ name, type, labels, since, stability, help, compatibleWith }: MetricFamily, note: (family: string) => string): string {
  const compatible = compatibleWith ? ` Name and labels as in ${compatibleWith}.` : '';
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${since}, ${stability} | ${help}${compatible}${note(name)} |`;
}

function switchedOff(name: string): string {
  const group = Object.entries(cert.switchable).find(([, has]) => has(name))?.[0];
  return group ? ` Switched off with \`families.${group}\`.` : '';
}

const reasons = (prefix: string, table: Readonly<Record<string, string>>): string =>
  meanings('Reasons', `Values of the label \`reason\` of \`${prefix}_source_errors_total\`: why an object was skipped.`, table, 'reason');

function meanings(title: string, intro: string, table: Readonly<Record<string, string>>, head = 'value'): string {
  return [`## ${title}`, '', intro, '', `| ${head} | meaning |`, '|---|---|', ...Object.entries(table).map(([value, meaning]) => `| \`${value}\` | ${meaning} |`)].join('\n');
}

function verdictTable(): string {
  const rows = Object.entries(net.verdicts).map(([name, { subject, details, meaning }]) => `| \`${name}\` | ${subject} | ${details.map((detail) => `\`${detail}\``).join(', ')} | ${meaning} |`);
  return ['## Verdicts', '', 'Values of the label `verdict` of `net_exporter_verdict`.', '', '| verdict | subject | details | holds when |', '|---|---|---|---|', ...rows].join('\n');
}

function configPage(exporter: string, { schema, flags }: { readonly schema: z.ZodObject; readonly flags: readonly Flag[] }): string {
  const rows = flags.map(({ name, key, also = [], help }) => `| \`--${name}\` | ${[key, ...also].map((one) => `\`${one.join('.')}\``).join(', ')} | ${help} |`);
  return [
    `# Configuration of ${exporter}`, '',
    'A YAML file, named with `--config`. Flags win over it. An unknown key is an error that names the nearest known one, and all problems come at once.', '',
    schemaTable(plainSchema(schema)), '',
    '## Flags', '', 'Written as Go programs take them: `--flag value`, `--flag=value`, `-flag=value`.', '',
    '| flag | key | meaning |', '|---|---|---|', '| `--config` | | YAML file; flags win over it |', ...rows,
  ].join('\n');
}
