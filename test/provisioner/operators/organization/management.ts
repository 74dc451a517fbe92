/**
 * A management cluster with the parts of the chart keelson that organizations need: CRDs, roles, admission policies, and
 * the webhooks at a topology extension of this process. The operator runs as in its pod: a process of its own with the
 * rights of its service account. Cluster API's controllers are missing, so Clusters are only objects.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiVersionOf, fromKubeconfig, type KubeClient, type KubeObject, pathOf, type Resource, resources, silentLog } from '../../../../provisioner/kube/index.ts';
import { startTopologyExtension } from '../../../../provisioner/topology/extension/run.ts';
import { accountKubeconfig } from '../../../fixtures/account-kubeconfig.ts';
import { startApiServer, type ApiServer } from '../../../fixtures/api-server.ts';
import { auditFlags, readAudit } from '../../../fixtures/audit-log.ts';
import { template } from '../../../fixtures/helm.ts';
import type { AuditEvent } from '../../../fixtures/rights-use.ts';
import { toolsBin } from '../../../fixtures/tools-bin.ts';
import { openBox } from '../fleet.ts';
import { eventually } from '../surroundings.ts';

const repository = join(import.meta.dirname, '../../../..');
const cluster = (group: string, version: string, plural: string, kind: string) => ({ group, version, plural, kind, namespaced: true }) as const;
/** Kinds that tenants must not write. */
export const foreignKinds = [
  resources.machines, resources.machineSets, resources.machineDeployments, resources.machineHealthChecks, resources.openStackClusters, resources.openStackMachines, resources.openStackServers,
  resources.openStackClusterTemplates, resources.openStackMachineTemplates, resources.kubeadmConfigs, resources.kubeadmConfigTemplates, resources.kubeadmControlPlanes, resources.kubeadmControlPlaneTemplates,
  resources.clusterClasses, cluster('addons.cluster.x-k8s.io', 'v1beta2', 'clusterresourcesets', 'ClusterResourceSet'),
] as const;

export interface Operator {
  /** SIGKILL. */
  kill(): Promise<void>;
  log(): string;
}

export interface Management {
  readonly api: ApiServer;
  readonly client: KubeClient;
  /** Starts `keelson operator` as its service account. */
  startOperator(): Operator;
  /** What every operator said that was started. */
  logs(): string;
  /** Somebody else at the same API server. */
  as(user: string, groups?: readonly string[]): Caller;
  /** Every request of the audit log, oldest first. */
  audited(): readonly AuditEvent[];
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly body: KubeObject & { readonly [field: string]: unknown };
}
export interface Caller {
  create(resource: Resource, object: KubeObject): Promise<Answer>;
  request(method: string, path: string, body?: unknown, query?: Record<string, string>): Promise<Answer>;
  /** SelfSubjectAccessReview. */
  may(verb: string, resource: string, at?: { namespace?: string; name?: string }): Promise<boolean>;
  /** SelfSubjectRulesReview. */
  rules(namespace: string): Promise<{ readonly verbs: string[]; readonly apiGroups: string[]; readonly resources: string[]; readonly resourceNames?: string[] }[]>;
}

export async function startManagement(): Promise<Management> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-organizations-'));
  const api = await startApiServer({
    controllers: ['clusterrole-aggregation-controller', 'namespace-controller', 'resourcequota-controller'], beforeControllers: install,
    flags: await auditFlags(folder),
  });
  const { client } = api;
  const operators = new Set<Operator>();
  let extension: Awaited<ReturnType<typeof startTopologyExtension>> | undefined;
  let extensionClient: KubeClient | undefined;
  const stop = async (): Promise<void> => {
    for (const operator of operators) await operator.kill();
    await extension?.stop();
    extensionClient?.close();
    await api.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const kubeconfig = await accountKubeconfig(api, 'keelson-operator');
    await writeFile(join(folder, 'operator'), kubeconfig, { mode: 0o600 });
    const serving = await api.ca.issue({ commonName: 'keelson-topology-extension', addresses: ['127.0.0.1'], usage: 'server' });
    await writeFile(join(folder, 'tls.crt'), serving.cert);
    await writeFile(join(folder, 'tls.key'), serving.key, { mode: 0o600 });
    extensionClient = await fromKubeconfig(await accountKubeconfig(api, 'keelson-topology-extension'), { userAgent: 'keelson-topology-extension' });
    extension = await startTopologyExtension({ port: 0, metricsPort: 0, healthPort: 0, host: '127.0.0.1', certDir: folder, log: silentLog, client: extensionClient, drainMs: 0 });
    await installWebhooks(api, extension.ports.hooks);
    await policiesHold(client);
  } catch (error) {
    await stop();
    throw error;
  }
  const startOperator = (): Operator => {
    const operator = operatorProcess(folder);
    operators.add(operator);
    return operator;
  };
  return { api, client, stop, startOperator, logs: () => [...operators].map((operator) => operator.log()).join('\n'), as: (user, groups = []) => caller(client, user, groups), audited: () => readAudit(folder) };
}

/** Applied as Helm would, without what needs pods. */
async function install(client: KubeClient): Promise<void> {
  const chart = await template('keelson', 'keelson-system');
  const [clusterCrd] = (await template('cluster-api', 'capi-system')).filter(({ metadata }) => metadata.name === 'clusters.cluster.x-k8s.io');
  await client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'keelson-system' } });
  const boxes = foreignKinds.map((kind) => openBox(kind) as unknown as KubeObject);
  const wanted = [withoutConversion(clusterCrd as unknown as KubeObject), ...boxes, ...(chart as unknown as KubeObject[]).filter(({ kind }) => kind in installed)];
  await Promise.all(wanted.filter(({ kind }) => kind === 'CustomResourceDefinition').map((object) => client.create(installed['CustomResourceDefinition']!, object)));
  await eventually(async () => (await Promise.all([resources.organizations, resources.clusters, resources.apps, ...foreignKinds].map((resource) => client.list(resource)))).length > 0);
  for (const object of wanted.filter(({ kind }) => kind !== 'CustomResourceDefinition')) await client.create(installed[object.kind]!, object);
}

const admission = (plural: string, kind: string): Resource => ({ group: 'admissionregistration.k8s.io', version: 'v1', plural, kind, namespaced: false });
const installed: Readonly<Record<string, Resource>> = {
  CustomResourceDefinition: resources.customResourceDefinitions, ClusterRole: resources.clusterRoles, ClusterRoleBinding: resources.clusterRoleBindings, Role: resources.roles, RoleBinding: resources.roleBindings, ServiceAccount: resources.serviceAccounts,
  MutatingAdmissionPolicy: admission('mutatingadmissionpolicies', 'MutatingAdmissionPolicy'), MutatingAdmissionPolicyBinding: admission('mutatingadmissionpolicybindings', 'MutatingAdmissionPolicyBinding'),
  ValidatingAdmissionPolicy: admission('validatingadmissionpolicies', 'ValidatingAdmissionPolicy'), ValidatingAdmissionPolicyBinding: admission('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding'),
};

/** Cluster API's webhooks do not run here: one version is stored, served and asked for. */
function withoutConversion(definition: KubeObject): KubeObject {
  const spec = definition['spec'] as { versions: { name: string }[] };
  return { ...definition, metadata: { name: definition.metadata.name }, spec: { ...spec, conversion: { strategy: 'None' }, versions: spec.versions.filter(({ name }) => name === 'v1beta2') } };
}

async function installWebhooks(api: ApiServer, port: number): Promise<void> {
  const [configuration] = (await template('keelson', 'keelson-system')).filter(({ kind }) => kind === 'ValidatingWebhookConfiguration') as unknown as (KubeObject & { webhooks: { clientConfig: { service: { path: string } } }[] })[];
  const webhooks = configuration!.webhooks.map((webhook) => ({ ...webhook, clientConfig: { url: `https://127.0.0.1:${port}${webhook.clientConfig.service.path}`, caBundle: Buffer.from(api.ca.cert).toString('base64') } }));
  await api.client.create(resources.validatingWebhookConfigurations, { ...configuration!, webhooks });
}

/** Policies and webhooks are in force some moments after they are written. */
async function policiesHold(client: KubeClient): Promise<void> {
  const probe = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'probe', labels: { 'keelson.dev/organization': 'other' } } };
  await eventually(async () => {
    const answer = await client.request({ method: 'POST', path: '/api/v1/namespaces', query: { dryRun: 'All' }, headers: { 'content-type': 'application/json' }, body: JSON.stringify(probe) });
    return answer.status === 422 || answer.status === 403;
  });
}

function operatorProcess(folder: string): Operator {
  const child: ChildProcess = spawn(process.execPath, [
    join(repository, 'provisioner/cli/main.ts'), 'operator', '--kubeconfig', join(folder, 'operator'), '--charts-dir', join(repository, 'charts'), '--helm', join(toolsBin, 'helm'),
    '--metrics-port', '0', '--health-port', '0', '--no-leader-election',
  ], { env: { PATH: process.env['PATH'], HOME: folder, POD_NAME: 'test' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    log: () => log,
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function caller(client: KubeClient, user: string, groups: readonly string[]): Caller {
  const request: Caller['request'] = async (method, path, body, query = {}) => {
    const headers = { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', 'impersonate-user': user, ...(groups.length ? { 'impersonate-group': [...groups] } : {}) };
    const answer = await client.request({ method, path, query, headers: headers as unknown as Record<string, string>, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const parsed = JSON.parse(answer.body.toString() || '{}') as Answer['body'];
    return { status: answer.status, body: parsed, message: String(parsed['message'] ?? '') };
  };
  return {
    request,
    create: (resource, object) => request('POST', pathOf(resource, { namespace: object.metadata.namespace }), { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind }),
    may: async (verb, resource, at = {}) => {
      const [name = '', group = ''] = resource.split(/\.(.*)/);
      const [plural, subresource] = name.split('/');
      const { body } = await request('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb, group, resource: plural, ...(subresource ? { subresource } : {}), ...at } } });
      return (body['status'] as { allowed?: boolean }).allowed === true;
    },
    rules: async (namespace) => {
      const { body } = await request('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } });
      return (body['status'] as { resourceRules: Awaited<ReturnType<Caller['rules']>> }).resourceRules;
    },
  };
}
