/** The chart's README, from its Chart.yaml and those of its parts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface Chart {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly description: string;
  readonly dependencies?: readonly { readonly name: string; readonly condition: string }[];
}

export const derived = (): Record<string, string> => ({ 'README.md': readme(read('addons')) });

function readme({ name, description, dependencies = [] }: Chart): string {
  const rows = dependencies.map(({ name: part, condition }) => {
    const { description: what, appVersion } = read(part);
    return `| [${part}](../${part}) | ${what} | ${appVersion} | \`${condition}\` | [values](../../docs/reference/chart-${part}.md) |`;
  });
  return `# ${name}
${description}.

\`\`\`sh
helm dependency build charts/addons
helm upgrade --install addons charts/addons -n keelson-system --create-namespace
kubectl -n keelson-system port-forward service/prometheus-operated 9090
\`\`\`

| part | what | version of the program | switched by | |
|---|---|---|---|---|
${rows.join('\n')}

- It asks for nothing but Kubernetes 1.33: no Cluster API, no Keelson operator, no cert-manager.
- Policies begin in audit mode: they warn and refuse nothing. \`policies.pods.mode=deny\` when the warnings are gone. Network policies are off until \`policies.network.enabled\`.
- The kinds of prometheus-operator stand in \`crds/\`: Helm installs them once and never changes them. Before an upgrade of this chart: \`kubectl apply --server-side --force-conflicts -f charts/addons/crds\`. Where a cluster has prometheus-operator already: \`install.prometheusOperator=false\` and \`--skip-crds\`. An App of this chart brings them along by itself, or leaves them with \`spec.crds: Skip\`.
- Alerts on certificates and network come with \`cert-exporter.rules.enabled\` and \`net-exporter.rules.enabled\`; where they are sent is up to the Alertmanager that a Prometheus of yours has.
- Every image from a mirror: \`global.imageRegistry=mirror.example/k8s\`. \`keelson images list\` names what it must hold.
- A cluster that joins a fleet later: with the label \`keelson.dev/managed: "true"\` on its Cluster the bundle brings the same parts as releases of their own; uninstall this one first.

Values: [docs/reference](../../docs/reference/chart-addons.md).
`;
}

function read(chart: string): Chart {
  return parse(readFileSync(join(import.meta.dirname, '..', chart, 'Chart.yaml'), 'utf8')) as Chart;
}
