/** The reference page of the bundle of this release. */
import { bundleFacts } from '../../../provisioner/api/bundle-facts.ts';
import type { BundleApp, ClusterBundle } from '../../../provisioner/api/cluster-bundle.ts';
import { upstreamCharts } from '../../render/upstream/charts.ts';

export function bundlePage({ metadata, spec }: Pick<ClusterBundle, 'metadata' | 'spec'>): string {
  return `# Bundle ${spec.version}

\`ClusterBundle keelson-system/${metadata.name}\`, for Kubernetes ${spec.kubernetes.min} to ${spec.kubernetes.max}: what clusters get, in this order. Which cluster has which bundle, how to set values and how to leave something out: [apps.md](../apps.md). CoreDNS and kube-proxy are kubeadm's.

| app | what for | chart | clusters | after |
|---|---|---|---|---|
${spec.apps.map(row).join('\n')}

The fleet in a box leaves \`cilium\` out, because its servers have no kernel of their own, and, unless it was started with \`--volumes\`, \`openstack-cinder-csi\` and \`snapshot-controller\`: their Apps are there and say so (\`Ready\` is Unknown, reason \`LeftOut\`). All three are rendered, validated against their charts' schemas and accepted by a real API server in the tests.

## Facts in values

\`\${name}\` in the values of a bundle is filled in for each cluster; \`\${name?}\` leaves the key out where there is no such fact; \`$\${name}\` is the text itself. A fact that is needed and not there yet holds back that app alone, and the condition \`keelson.dev/AppsReady\` names it.

| fact | meaning |
|---|---|
${Object.entries(bundleFacts).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`).join('\n')}
| \`has.<app>\` | Whether the cluster gets that app of the bundle. |
`;
}

function row({ name, description = '', chart, version, clusters, provider, dependsOn }: BundleApp): string {
  const whose = Object.keys(upstreamCharts).includes(chart) ? 'upstream' : 'ours';
  const where = `${clusters.length === 3 ? 'all' : clusters.join(', ')}${provider ? `, on ${provider}` : ''}`;
  return `| \`${name}\` | ${description} | ${whose}, ${version} | ${where} | ${dependsOn.join(', ')} |`;
}
