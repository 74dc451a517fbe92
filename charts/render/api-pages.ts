/** Reference pages of what `provisioner/api` defines. */
import type { z } from 'zod';
import { accessBindingSpec, accessBindingStatus } from '../../provisioner/api/access-binding.ts';
import { appSpec, appStatus } from '../../provisioner/api/app.ts';
import { catalogSpec, catalogStatus } from '../../provisioner/api/catalog.ts';
import { clusterAccessSpec, clusterAccessStatus } from '../../provisioner/api/cluster-access.ts';
import { conditionTypes, type ConditionType } from '../../provisioner/api/conditions.ts';
import { maintenanceWindowSpec, maintenanceWindowStatus } from '../../provisioner/api/maintenance-window.ts';
import { clusterClassName, maxOrganizationName, systemNamespace } from '../../provisioner/api/names.ts';
import { organizationSpec, organizationStatus } from '../../provisioner/api/organization.ts';
import { structural, type StructuralSchema } from '../../provisioner/api/openapi.ts';
import { silenceSpec, silenceStatus } from '../../provisioner/api/silence.ts';
import { variableDefinitions } from '../../provisioner/api/variable-definitions.ts';
import { imageProperties, requirements } from '../../provisioner/topology/image/contract.ts';
import type { Files } from './chart-module.ts';
import type { JsonSchema } from './json-schema.ts';
import { schemaTable } from './values-page.ts';

/** File name in docs/reference → content. */
export function apiPages(): Files {
  return {
    'cluster-variables.md': variablesPage(), 'app.md': appPage(), 'catalog.md': catalogPage(), 'organization.md': organizationPage(), 'cluster-access.md': clusterAccessPage(), 'access-binding.md': accessBindingPage(),
    'silence.md': silencePage(), 'maintenance-window.md': maintenanceWindowPage(),
    'conditions.md': conditionsPage(), 'node-image.md': imagePage(),
  };
}

function variablesPage(): string {
  const sections = variableDefinitions().map(({ name, required, schema }) => {
    const root = schema.openAPIV3Schema;
    return `## ${name}${required ? ' (required)' : ''}\n${root['description']}${ruleText(root)}\n\n${table(root)}\n`;
  });
  return `# Variables of the ClusterClass ${clusterClassName}

\`\`\`yaml
spec:
  topology:
    classRef: {name: ${clusterClassName}, namespace: ${systemNamespace}}
    variables:
      - name: controlPlane
        value: {flavor: k.small, image: keelson-node-v1.36.3}
\`\`\`
A MachineDeployment overrides \`worker\` in \`variables.overrides\`.

${sections.join('\n')}`;
}

function imagePage(): string {
  const rows = requirements.map(({ id, what, why, fix }) => `| \`${id}\` | ${what} | ${why} | ${fix} |`);
  return `# What a node image must hold

A recipe: [node-image.md](../node-image.md).

## In Glance
Read by preflight (\`keelson preflight\`, and the operator before a cluster is made or upgraded).

| property | value | why | preflight |
|---|---|---|---|
${imageProperties.map(({ name, value, why, check }) => `| ${name} | ${value} | ${why} | ${check} |`).join('\n')}

## On its disk
The check:

\`\`\`sh
keelson image check-script --kubernetes-version v1.36.3 | ssh node sudo sh -s
\`\`\`

| id | what | why | if it is missing |
|---|---|---|---|
${rows.join('\n')}
`;
}

function appPage(): string {
  return `# App

One Helm release in one cluster; it stands beside its Cluster. \`kubectl get apps -A\` shows all.

\`\`\`yaml
apiVersion: keelson.dev/v1alpha1
kind: App
metadata: {name: demo-metrics-server, namespace: org-demo}
spec:
  cluster: demo
  chart: metrics-server
  namespace: kube-system
  dependsOn: [demo-cloud-controller-manager]
\`\`\`

${fields(appSpec, appStatus)}`;
}

function catalogPage(): string {
  return `# Catalog

A repository of Helm charts and its mirrors. How Apps use it: [apps.md](../apps.md).

\`\`\`yaml
apiVersion: keelson.dev/v1alpha1
kind: Catalog
metadata: {name: team, namespace: org-demo}
spec:
  repositories:
    - {url: https://charts.example.com/stable}
    - {url: https://mirror.example.com/charts}
  secret: charts-login
\`\`\`

${fields(catalogSpec, catalogStatus)}`;
}

function clusterAccessPage(): string {
  return `# ClusterAccess

One login to one workload cluster, for a while and for a reason: [access.md](../access.md). \`keelson cluster kubeconfig\` writes it.

\`\`\`yaml
apiVersion: keelson.dev/v1alpha1
kind: ClusterAccess
metadata: {generateName: demo-, namespace: org-demo}
spec:
  cluster: demo
  role: editor
  namespaces: [shop]
  ttl: 2h
  reason: the shop does not start
\`\`\`

${fields(clusterAccessSpec, clusterAccessStatus)}`;
}

function accessBindingPage(): string {
  return `# AccessBinding

A role for people, groups and service accounts in workload clusters of an organization: [access.md](../access.md).

\`\`\`yaml
apiVersion: keelson.dev/v1alpha1
kind: AccessBinding
metadata: {name: shop, namespace: org-demo}
spec:
  subjects:
    - {kind: Group, name: "oidc:shop"}
  role: editor
  clusters: {selector: {matchLabels: {stage: production}}}
  namespaces: [shop, shop-jobs]
\`\`\`

${fields(accessBindingSpec, accessBindingStatus)}`;
}

function silencePage(): string {
  return `# Silence

Alerts whose cause is known and takes time: [monitoring.md](../monitoring.md#silences). \`keelson alerts silence\` writes one.

\`\`\`yaml
apiVersion: keelson.dev/v1alpha1
kind: Silence
metadata: {name: disk-of-w1, namespace: org-demo}
spec:
  owner: anna
  reason: the disk is replaced on Tuesday, ticket 4711
  expiresAt: "2026-12-01T18:00:00Z"
  matchers:
    - {name: alertname, value: NodeDiskFull}
    - {name: cluster_id, value: demo}
\`\`\`

${fields(silenceSpec, silenceStatus)}`;
}

function maintenanceWindowPage(): string {
  return `# MaintenanceWindow

Hours in which clusters are worked on and none of their alerts is sent: [monitoring.md](../monitoring.md#maintenance-windows).

\`\`\`yaml
apiVersion: keelson.dev/v1alpha1
kind: MaintenanceWindow
metadata: {name: kernels, namespace: org-demo}
spec:
  owner: team-platform
  reason: new kernels every Tuesday night
  clusters: {selector: {matchLabels: {stage: production}}}
  weekly: {days: [tuesday], at: "22:00", hours: 4, timeZone: Europe/Berlin}
\`\`\`

${fields(maintenanceWindowSpec, maintenanceWindowStatus)}`;
}

function organizationPage(): string {
  return `# Organization

A tenant: people with roles, OpenStack projects, a quota, and a namespace for its clusters. It is cluster-scoped, and its name has at most ${maxOrganizationName} characters. What it is for: [organizations.md](../organizations.md).

\`\`\`yaml
apiVersion: keelson.dev/v1alpha1
kind: Organization
metadata: {name: demo}
spec:
  members:
    - {kind: Group, name: "oidc:demo-admins", role: admin}
    - {kind: User, name: "oidc:alice", role: reader}
  identities:
    - {name: cloud, project: 5f1c3f4f6d7f4a0f9a5e6b8d7c6b5a49}
  quota: {clusters: 5, machines: 50, cores: 200, memory: 512Gi, loadBalancers: 5}
\`\`\`

${fields(organizationSpec, organizationStatus)}`;
}

function conditionsPage(): string {
  const sections = conditionTypes.map((condition: ConditionType) => {
    const rows = Object.entries(condition.reasons).map(([reason, meaning]) => `| \`${reason}\` | ${meaning} |`);
    return `## ${condition.kind}: ${condition.type}\n${condition.meaning}\n\n| reason | meaning |\n|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Conditions\n\n${sections.join('\n')}`;
}

/** The end of the page of a kind. */
function fields(spec: z.ZodType, status: z.ZodType): string {
  const rules = ruleText(structural(spec)).trim();
  return `## spec\n${rules ? `${rules}\n\n` : ''}${table(structural(spec))}\n\n## status\n${table(structural(status))}\n`;
}

const table = (schema: StructuralSchema): string => schemaTable(schema as JsonSchema);

function ruleText(schema: StructuralSchema): string {
  const rules = (schema['x-kubernetes-validations'] ?? []) as readonly { message: string; fieldPath?: string }[];
  return rules.length ? ` Rule: ${rules.map(({ message, fieldPath }) => (fieldPath ? `${message} (\`${fieldPath.slice(1)}\`)` : message)).join('; ')}.` : '';
}
