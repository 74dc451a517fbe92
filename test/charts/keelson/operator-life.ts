/**
 * What happens to a fleet, as objects: an organization comes and goes, a cluster is made, watched, entered, healed and deleted.
 * The API server is management and workload cluster at once; the test plays Cluster API, the operator is the real one.
 */
import { stringify } from 'yaml';
import { releaseBundle } from '../../../charts/keelson/bundle/release-bundle.ts';
import { findCondition, type Condition, type KubeClient, type KubeObject, type Resource, resources } from '../../../provisioner/kube/index.ts';
import type { Running } from '../../sandbox/openstack/fixture.ts';
import { clusterOf, organizationOf } from '../../provisioner/operators/organization/objects.ts';
import { eventually } from '../../provisioner/operators/surroundings.ts';

const organization = 'life';
const namespace = `org-${organization}`;
const system = 'keelson-system';
const keelson = 'keelson.dev/v1alpha1';
const ours = (kind: string, name: string, spec: object, at = namespace): KubeObject => ({ apiVersion: keelson, kind, metadata: { name, namespace: at }, spec });
const identities: Resource = { group: 'infrastructure.cluster.x-k8s.io', version: 'v1alpha1', plural: 'openstackclusteridentities', kind: 'OpenStackClusterIdentity', namespaced: false };
type Held = KubeObject & { readonly status?: { readonly conditions?: readonly Condition[] } };

export interface Life {
  readonly client: KubeClient;
  /** Of the workload cluster. */
  readonly kubeconfig: string;
  readonly cloud: Running;
}

/** Resolves when it is over. */
export async function liveThrough(life: Life): Promise<void> {
  await moveIn(life);
  await born(life);
  await Promise.all([watched(life), entered(life.client), silenced(life.client), ownApps(life.client), injected(life.client), stuck(life.client)]);
  await goes(life.client);
  await moveOut(life.client);
}

/** The Organization, its credentials, and a member who leaves. */
async function moveIn({ client, cloud }: Life): Promise<void> {
  const wanted = organizationOf(organization, { project: (await cloud.member.projectId())! });
  await client.create(resources.organizations, wanted);
  await eventually(() => client.get(resources.namespaces, { name: namespace }));
  const clouds = stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson-password'] } });
  for (const [name, at] of [['cloud', namespace], ['shared-cloud', system]] as const) await client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: at }, stringData: { 'clouds.yaml': clouds } } as KubeObject);
  const bindings = async (): Promise<number> => (await client.list(resources.roleBindings, { namespace, labelSelector: 'keelson.dev/organization' })).items.length;
  await eventually(async () => (await bindings()) === 4);
  const { members } = wanted['spec'] as { members: readonly { role: string }[] };
  await client.patch(resources.organizations, { name: organization }, { type: 'merge', body: { spec: { members: members.filter(({ role }) => role !== 'editor') } } });
  await eventually(async () => (await bindings()) === 3);
}

/** Preflight asks that workers hold the platform's components. */
const roomy = { name: 'worker', value: { flavor: 'k.medium' } };
const refOf = (apiGroup: string, kind: string, name: string): object => ({ apiGroup, kind, name });

/** One Cluster with everything, and one whose credentials are an OpenStackClusterIdentity. */
async function born({ client, kubeconfig }: Life): Promise<void> {
  const names = releaseBundle().spec.apps.map(({ name }) => name).filter((name) => name !== 'workload-monitoring');
  const whole = clusterOf('demo', namespace);
  const { topology } = whole.spec;
  const variables = [...topology.variables.filter(({ name }) => name !== 'bastion'), roomy, { name: 'cloud', value: { identity: { name: 'cloud' } } }, { name: 'bastion', value: { allowedCidrs: ['203.0.113.0/24'] } }];
  const infrastructureRef = refOf('infrastructure.cluster.x-k8s.io', 'OpenStackCluster', 'demo-x1');
  const labels = { 'cluster.x-k8s.io/cluster-name': 'demo' };
  await client.create(resources.openStackClusters, { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1', kind: 'OpenStackCluster', metadata: { name: 'demo-x1', namespace, labels }, spec: { identityRef: { name: 'cloud', cloudName: 'openstack' } } } as KubeObject);
  await client.create(resources.kubeadmControlPlanes, {
    apiVersion: 'controlplane.cluster.x-k8s.io/v1beta2', kind: 'KubeadmControlPlane', metadata: { name: 'demo-cp', namespace, labels },
    spec: { version: 'v1.36.3', machineTemplate: { spec: { infrastructureRef: refOf('infrastructure.cluster.x-k8s.io', 'OpenStackMachineTemplate', 'demo-cp') } } },
  } as KubeObject);
  await client.patch(resources.kubeadmControlPlanes, { namespace, name: 'demo-cp' }, { type: 'merge', subresource: 'status', body: { status: { version: 'v1.36.3' } } });
  await client.create(resources.serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'keelson-federation-reader', namespace: system } });
  await client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', type: 'cluster.x-k8s.io/secret', metadata: { name: 'demo-kubeconfig', namespace, labels }, data: { value: Buffer.from(kubeconfig).toString('base64') } } as KubeObject);
  const paused = ours('App', 'demo-workload-monitoring', { cluster: 'demo', chart: 'workload-monitoring', namespace: system, releaseName: 'workload-monitoring' });
  await client.create(resources.apps, { ...paused, metadata: { ...paused.metadata, annotations: { 'cluster.x-k8s.io/paused': 'true' } } });
  await client.create<KubeObject>(resources.clusters, {
    ...whole, metadata: { ...whole.metadata, annotations: { 'keelson.dev/bundle-without': names.join() } },
    spec: { ...whole.spec, infrastructureRef, controlPlaneRef: refOf('controlplane.cluster.x-k8s.io', 'KubeadmControlPlane', 'demo-cp'), topology: { ...topology, variables } },
  });
  await client.create(identities, { apiVersion: 'infrastructure.cluster.x-k8s.io/v1alpha1', kind: identities.kind, metadata: { name: 'shared' }, spec: { secretRef: { name: 'shared-cloud', namespace: system }, namespaceSelector: { matchLabels: { 'keelson.dev/organization': organization } } } });
  const borrowed = clusterOf('borrows', namespace);
  await client.create<KubeObject>(resources.clusters, { ...borrowed, spec: { ...borrowed.spec, topology: { ...borrowed.spec.topology, variables: [...borrowed.spec.topology.variables, roomy, { name: 'cloud', value: { identity: { type: 'ClusterIdentity', name: 'shared' } } }] } } });
  for (const name of ['demo', 'borrows']) await eventually(async () => {
    const found = findCondition((await client.get<Held>(resources.clusters, { namespace, name }))?.status?.conditions, 'keelson.dev/PreflightPassed');
    if (found?.status !== 'True') throw new Error(`Cluster ${name}: ${JSON.stringify(found)}`);
    return true;
  });
  await client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', subresource: 'status', body: { status: { initialization: { infrastructureProvisioned: true, controlPlaneInitialized: true } } } });
}

/** Its monitoring is Ready: it is scraped from then on. Nothing runs pods here, so that is played, on an App that is paused. */
async function watched({ client }: Life): Promise<void> {
  const app = { namespace, name: 'demo-workload-monitoring' };
  await eventually(async () => (await client.get(resources.apps, app))?.metadata.labels?.['keelson.dev/bundle']);
  await eventually(async () => {
    const now = await client.get<Held>(resources.apps, app);
    const others = (now?.status?.conditions ?? []).filter(({ type }) => type !== 'Ready');
    const conditions = [...others, { type: 'Ready', status: 'True', reason: 'Installed', message: '', lastTransitionTime: new Date().toISOString() }];
    await client.patch(resources.apps, app, { type: 'merge', subresource: 'status', body: { status: { observedGeneration: now?.metadata.generation, conditions } } });
    return (await client.list(resources.scrapeConfigs, { namespace: system })).items.length > 0;
  });
}

/** Rights that last, a login, and its end when its time is over. */
async function entered(client: KubeClient): Promise<void> {
  await client.create(resources.accessBindings, ours('AccessBinding', 'team', { subjects: [{ kind: 'Group', name: 'oidc:team' }], role: 'reader', namespaces: ['default'] }));
  await client.create(resources.clusterAccesses, ours('ClusterAccess', 'login', { cluster: 'demo', role: 'reader' }));
  const login = { namespace, name: 'login' };
  await eventually(async () => {
    const ready = findCondition((await client.get<Held>(resources.clusterAccesses, login))?.status?.conditions, 'Ready');
    if (ready?.reason !== 'Issued') throw new Error(`the login: ${JSON.stringify(ready)}`);
    return true;
  });
  await client.patch(resources.clusterAccesses, login, { type: 'merge', subresource: 'status', body: { status: { expiresAt: new Date(Date.now() - 1000).toISOString() } } });
  // The operator would look when the hour is over; a role for logins that goes has it look at all of the namespace now.
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'passing', namespace }, rules: [{ apiGroups: ['keelson.dev'], resources: ['clusteraccesses'], verbs: ['create'] }] };
  await client.create<KubeObject>(resources.roles, role);
  await client.delete(resources.roles, role.metadata);
  await eventually(async () => (await client.get(resources.clusterAccesses, login)) === undefined);
}

async function silenced(client: KubeClient): Promise<void> {
  const at = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
  const why = { owner: 'team', reason: 'known, and being worked on' };
  await client.create(resources.silences, ours('Silence', 'known', { ...why, expiresAt: at(1), matchers: [{ name: 'alertname', value: 'NodeDown' }] }));
  await client.create(resources.maintenanceWindows, ours('MaintenanceWindow', 'tonight', { ...why, once: { from: at(2), to: at(3) } }));
  for (const resource of [resources.silences, resources.maintenanceWindows]) await eventually(async () => (await client.list<Held>(resource, { namespace })).items.every(({ status }) => status !== undefined));
}

/** A catalog, an App of the management cluster, and one that no bundle has any more. */
async function ownApps(client: KubeClient): Promise<void> {
  await client.create(resources.catalogs, ours('Catalog', 'ours', { repositories: [{ url: 'https://charts.invalid/x' }] }));
  await client.create(resources.apps, ours('App', 'here', { target: 'Management', chart: 'net-exporter', namespace: system }, system));
  const labels = { 'cluster.x-k8s.io/cluster-name': 'demo', 'app.kubernetes.io/managed-by': 'keelson', 'keelson.dev/component': 'former', 'keelson.dev/bundle': '0.0.1', 'keelson.dev/bundle-kubernetes': '1.36' };
  await eventually(() => client.get(resources.apps, { namespace, name: 'demo-workload-monitoring' }));
  const former = ours('App', 'demo-former', { cluster: 'demo', chart: 'net-exporter', namespace: system });
  await client.create(resources.apps, { ...former, metadata: { ...former.metadata, labels } });
  await eventually(async () => (await client.get(resources.apps, { namespace, name: 'demo-former' }))?.metadata.deletionTimestamp !== undefined || (await client.get(resources.apps, { namespace, name: 'demo-former' })) === undefined);
  await eventually(async () => (await client.get<Held>(resources.catalogs, { namespace, name: 'ours' }))?.status !== undefined);
}

/** An aggregated API asks for our CA. It answers nobody, so it does not stay: discovery of the whole cluster would suffer. */
async function injected(client: KubeClient): Promise<void> {
  const name = 'v1.life.example';
  await client.create(resources.apiServices, {
    apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name, annotations: { 'keelson.dev/inject-ca-from': `${system}/keelson-ca` } },
    spec: { group: 'life.example', version: 'v1', service: { name: 'nobody', namespace: system }, groupPriorityMinimum: 1000, versionPriority: 10 },
  } as KubeObject);
  await eventually(async () => ((await client.get<KubeObject & { spec: { caBundle?: string } }>(resources.apiServices, { name }))?.spec.caBundle ?? '') !== '');
  await client.delete(resources.apiServices, { name });
}

/** CAPO forgot a floating IP: the operator looks at what it knows. */
async function stuck(client: KubeClient): Promise<void> {
  const condition = { type: 'InfrastructureReady', status: 'False', reason: 'NotReady', message: 'FloatingIPPortAlreadyAssociated', lastTransitionTime: new Date().toISOString() };
  const before = (await client.get<Held>(resources.clusters, { namespace, name: 'demo' }))?.status?.conditions ?? [];
  await client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', subresource: 'status', body: { status: { conditions: [...before.filter(({ type }) => type !== condition.type), condition] } } });
}

/** The cluster is deleted; CAPO is done at once. */
async function goes(client: KubeClient): Promise<void> {
  await client.delete(resources.openStackClusters, { namespace, name: 'demo-x1' });
  for (const name of ['demo', 'borrows']) await client.delete(resources.clusters, { namespace, name });
  await eventually(async () => (await client.list(resources.clusters, { namespace })).items.length === 0, 60_000);
  await eventually(async () => (await client.list(resources.scrapeConfigs, { namespace: system })).items.length === 0);
}

/** With a Cluster of others that is left, which goes with it. */
async function moveOut(client: KubeClient): Promise<void> {
  await client.create<KubeObject>(resources.clusters, clusterOf('left', namespace, { className: 'class-of-others' }));
  await client.patch(resources.organizations, { name: organization }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/confirm-deletion': organization } } } });
  await client.delete(resources.organizations, { name: organization });
  await eventually(async () => (await client.get(resources.organizations, { name: organization })) === undefined, 60_000);
}
