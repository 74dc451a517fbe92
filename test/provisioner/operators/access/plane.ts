/** One API server that is management and workload cluster at once, with our kinds, policies and roles, and people in them. The operator has there what the chart gives to its service account, and in the workload cluster the kubeconfig of Cluster API. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { clusterRolesOf } from '../../../../policies/tenancy/cluster-roles.ts';
import { roleNames } from '../../../../policies/tenancy/roles.ts';
import { accessPolicies } from '../../../../provisioner/api/access-admission.ts';
import { accessBindingDefinition } from '../../../../provisioner/api/access-binding.ts';
import { accessClusterRoles } from '../../../../provisioner/api/access-roles.ts';
import { type ClusterAccess, clusterAccessDefinition } from '../../../../provisioner/api/cluster-access.ts';
import { variables } from '../../../../provisioner/api/variables/index.ts';
import { findCondition, fromKubeconfig, isKubeError, KubeClient, type KubeObject, type Resource, resources } from '../../../../provisioner/kube/index.ts';
import { admissionConfiguration, admissionPlugins } from '../../../../provisioner/topology/kubeadm/admission.ts';
import { accountKubeconfig } from '../../../fixtures/account-kubeconfig.ts';
import { type ApiServer, startApiServer } from '../../../fixtures/api-server.ts';
import { template } from '../../../fixtures/helm.ts';
import { cluster, initialize, installKinds, namespace } from '../fleet.ts';
import { eventually, type TestContext, testContext } from '../surroundings.ts';
import { startAccess } from './start-access.ts';

export const planeNeeds = { tools: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'helm'] } as const;
export const teamNamespace = 'team-a';

export interface Person {
  readonly client: KubeClient;
  /** A kubeconfig of the management cluster. */
  readonly kubeconfig: string;
}

export interface Plane {
  /** Its client is cluster-admin; the operator's is that of `context`. */
  readonly api: ApiServer;
  /** Of the operator's service account. */
  readonly operatorKubeconfig: string;
  readonly context: TestContext;
  readonly registry: Registry;
  startOperator(): void;
  stopOperator(): Promise<void>;
  /** Somebody with a certificate of the management cluster, and a role in the organization where one is given. */
  person(name: string, o?: { readonly groups?: readonly string[]; readonly role?: string }): Promise<Person>;
  stop(): Promise<void>;
}

const admission = (kind: string, plural: string): Resource => ({ group: 'admissionregistration.k8s.io', version: 'v1', plural, kind, namespaced: false });
export const admissionKinds: Readonly<Record<string, Resource>> = {
  ValidatingAdmissionPolicy: admission('ValidatingAdmissionPolicy', 'validatingadmissionpolicies'),
  ValidatingAdmissionPolicyBinding: admission('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'),
  MutatingAdmissionPolicy: admission('MutatingAdmissionPolicy', 'mutatingadmissionpolicies'),
  MutatingAdmissionPolicyBinding: admission('MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings'),
};

/** @param o `admission`: with the admission plugins that the class gives to workload clusters, Pod Security among them */
export async function startPlane(o: { readonly clusters?: readonly string[]; readonly flags?: readonly string[]; readonly admission?: boolean } = {}): Promise<Plane> {
  const folder = await mkdtemp(join(tmpdir(), 'keelson-plane-'));
  const flags = [...(o.flags ?? []), ...(o.admission ? await admissionFlags(folder) : [])];
  const api = await startApiServer({ controllers: ['certificatesigningrequest-signing-controller', 'clusterrole-aggregation-controller', 'garbage-collector-controller'], flags });
  await installKinds(api);
  await api.client.create(resources.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: teamNamespace, labels: { team: 'a' } } });
  await installAccess(api.client);
  for (const name of o.clusters ?? ['demo']) {
    await api.client.create(resources.clusters, cluster(name));
    await initialize(api, name, api.kubeconfig);
  }
  const operatorKubeconfig = await installOperator(api);
  const operatorClient = await fromKubeconfig(operatorKubeconfig, { userAgent: 'keelson-operator' });
  const context = testContext(operatorClient);
  let registry = new Registry();
  let stopOperator = (): Promise<void> => Promise.resolve();
  const plane: Plane = {
    api, context, operatorKubeconfig,
    get registry() {
      return registry;
    },
    startOperator() {
      registry = new Registry();
      stopOperator = startAccess(context, registry);
    },
    stopOperator: () => stopOperator(),
    person: (name, who = {}) => person(api, name, who),
    async stop() {
      await stopOperator();
      operatorClient.close();
      await api.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return plane;
}

async function admissionFlags(folder: string): Promise<string[]> {
  const { admission } = variables.api.parse({});
  const file = join(folder, 'admission.yaml');
  await writeFile(file, JSON.stringify(admissionConfiguration(admission)));
  return [`--enable-admission-plugins=${admissionPlugins(admission)}`, `--admission-control-config-file=${file}`];
}

/** What the chart keelson brings of access. */
export async function installAccess(client: KubeClient): Promise<void> {
  for (const definition of [clusterAccessDefinition(), accessBindingDefinition()]) await client.create(resources.customResourceDefinitions, definition as unknown as KubeObject);
  for (const resource of [resources.clusterAccesses, resources.accessBindings]) await eventually(() => client.list(resource));
  for (const policy of accessPolicies()) await client.create(admissionKinds[policy.kind]!, policy as KubeObject);
  for (const role of [...roleNames.flatMap((name) => clusterRolesOf(name, 'organization')), ...accessClusterRoles()]) await client.create(resources.clusterRoles, role as unknown as KubeObject);
}

const rbacKinds: Readonly<Record<string, Resource>> = { ServiceAccount: resources.serviceAccounts, ClusterRole: resources.clusterRoles, ClusterRoleBinding: resources.clusterRoleBindings, Role: resources.roles, RoleBinding: resources.roleBindings };

/** The operator's service account with the rights that the chart renders for it. Gives back its kubeconfig. */
async function installOperator(api: ApiServer): Promise<string> {
  const account = 'keelson-operator';
  const objects = (await template('keelson', 'keelson-system')).filter(({ kind, metadata }) => kind in rbacKinds && metadata.name.startsWith(account)) as unknown as KubeObject[];
  for (const object of objects) await api.client.create(rbacKinds[object.kind]!, object);
  const kubeconfig = await accountKubeconfig(api, account);
  // The authorizer has new rights by a watch, a moment after they were written.
  const client = await fromKubeconfig(kubeconfig);
  await eventually(() => client.list(resources.clusterAccesses)).finally(() => client.close());
  return kubeconfig;
}

async function person(api: ApiServer, name: string, { groups = [], role }: { readonly groups?: readonly string[]; readonly role?: string }): Promise<Person> {
  const { cert, key } = await api.ca.issue({ commonName: name, organizations: groups, usage: 'client' });
  if (role !== undefined) {
    const rbac = 'rbac.authorization.k8s.io';
    await api.client.create(resources.roleBindings, {
      apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: { name: `${role}-${name.replace(':', '-')}`, namespace },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role }, subjects: [{ apiGroup: rbac, kind: 'User', name }],
    });
  }
  const client = new KubeClient({ server: api.url, ca: api.ca.cert, cert, key, userAgent: 'keelson-test' });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'x', contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    clusters: [{ name: 'x', cluster: { server: api.url, 'certificate-authority-data': base64(api.ca.cert) } }], users: [{ name: 'x', user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
  });
  return { client, kubeconfig };
}

export const ask = (name: string, spec: object): KubeObject => ({ apiVersion: 'keelson.dev/v1alpha1', kind: 'ClusterAccess', metadata: { name, namespace }, spec: { cluster: 'demo', ...spec } });

export const accessOf = (api: ApiServer, name: string): Promise<ClusterAccess | undefined> => api.client.get<KubeObject>(resources.clusterAccesses, { namespace, name }) as Promise<ClusterAccess | undefined>;
export const readyReason = (access: ClusterAccess | undefined): string | undefined => findCondition(access?.status?.conditions, 'Ready')?.reason;
export const whenReason = (api: ApiServer, name: string, reason: string): Promise<ClusterAccess> =>
  eventually(async () => {
    const access = await accessOf(api, name);
    if (readyReason(access) !== reason) throw new Error(`ClusterAccess ${name}: ${JSON.stringify(access?.status)}`);
    return access;
  });

/** The login of an issued request, read by its requester. The authorizer has new rights by a watch, a moment after they were written. */
export async function loginOf(who: Person, name: string): Promise<KubeClient> {
  const secret = await eventually(() => who.client.get<KubeObject & { data?: { kubeconfig?: string } }>(resources.secrets, { namespace, name: `keelson-access-${name}` }));
  return await fromKubeconfig(Buffer.from(secret.data?.kubeconfig ?? '', 'base64').toString());
}

/** SelfSubjectAccessReview. */
export async function may(client: KubeClient, verb: string, resource: string, where?: string, group = ''): Promise<boolean> {
  const spec = { resourceAttributes: { verb, resource, group, ...(where === undefined ? {} : { namespace: where }) } };
  const { status, body } = await client.request({ method: 'POST', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec }) });
  if (status !== 201) throw new Error(`SelfSubjectAccessReview: ${status} ${body.toString()}`);
  return (JSON.parse(body.toString()) as { status: { allowed: boolean } }).status.allowed;
}

/** Why the API server refuses; fails where it takes it. */
export async function refused(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(() => new Error('it was taken'), (e: unknown) => e);
  if (!isKubeError(error, 'KUBE_FORBIDDEN', 'KUBE_INVALID')) throw error;
  return error.message;
}
