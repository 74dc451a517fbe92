/** The controller against the simulated cloud and a real API server, which is the management cluster and the workload cluster too. The test plays Cluster API and the cloud controller manager. */
import { stringify } from 'yaml';
import { ownershipTag } from '../../../../provisioner/api/names.ts';
import { readVerdict } from '../../../../provisioner/api/preflight-verdict.ts';
import { type Condition, type KubeObject, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import { apiAccessController } from '../../../../provisioner/operators/api-access/controller.ts';
import { clusterController } from '../../../../provisioner/operators/cluster/controller.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import type { Cluster, OpenStackCluster } from '../../../../provisioner/operators/cluster.ts';
import { RemoteClusters, kubeconfigSecrets } from '../../../../provisioner/operators/remote.ts';
import { beforeClusterCreate, beforeClusterDelete, beforeWorkersUpgrade } from '../../../../provisioner/topology/extension/lifecycle.ts';
import type { LifecycleRequest } from '../../../../provisioner/topology/extension/hooks.ts';
import { apiServerNeeds, startApiServer, type ApiServer } from '../../../fixtures/api-server.ts';
import { describeWith } from '../../../fixtures/needs.ts';
import { recorded, start, type Running } from '../../../sandbox/openstack/fixture.ts';
import { initialize, installKinds, putKubeconfig, namespace, openBox } from '../fleet.ts';
import { eventually, startControllers, testContext, type TestContext } from '../surroundings.ts';
import { appsLeaveCases } from './apps-leave-cases.ts';
import { credentialCases } from './credential-cases.ts';
import { managementPreflightCase } from './management-preflight.ts';
import { home, serviceLoadBalancer, volume } from './project.ts';

type Held = KubeObject & { status?: { conditions?: Condition[] } };
const patienceMs = 1000;
const settings = { preflight: 'required', cleanUp: 'required' };

describeWith(apiServerNeeds, 'a Cluster and its cloud', () => {
  let management: ApiServer;
  let cloud: Running;
  let context: TestContext;
  let stop: () => Promise<void>;
  /** What CAPO says of the addresses of a cluster. */
  let infrastructure: OpenStackCluster | undefined;

  beforeAll(async () => {
    management = await startApiServer();
    cloud = await start(recorded(), { delays: { scheduleMs: 1, loadBalancerMs: 1, volumeMs: 1 } });
    await installKinds(management);
    for (const [group, version, kind, plural] of [['cluster.x-k8s.io', 'v1beta2', 'Machine', 'machines'], ['cluster.x-k8s.io', 'v1beta2', 'MachineDeployment', 'machinedeployments'], ['controlplane.cluster.x-k8s.io', 'v1beta2', 'KubeadmControlPlane', 'kubeadmcontrolplanes']] as const) {
      await management.client.create(resources.customResourceDefinitions, openBox({ group, version, kind, plural }));
    }
    for (const resource of [resources.machines, resources.machineDeployments, resources.kubeadmControlPlanes]) await eventually(() => management.client.list(resource));
    context = testContext(management.client);
    const reflector = <T extends KubeObject>(resource: ConstructorParameters<typeof Reflector>[0]['resource']): Reflector<T> => new Reflector<T>({ client: management.client, resource });
    const secrets = kubeconfigSecrets(context);
    const controller = clusterController({
      context, clusters: reflector<Cluster>(resources.clusters), openStackClusters: reflector<OpenStackCluster>(resources.openStackClusters), apps: reflector<AppObject>(resources.apps), remotes: new RemoteClusters({ secrets }), workers: 2, patienceMs, againMs: 200,
    });
    const abort = new AbortController();
    secrets.start(abort.signal);
    await secrets.whenSynced();
    const apiAccess = apiAccessController({ context, clusters: reflector<Cluster>(resources.clusters), openStackClusters: { get: () => infrastructure }, remotes: new RemoteClusters({ secrets }), managementEgress: ['192.0.2.200/32'] });
    const stopController = startControllers([controller, apiAccess]);
    stop = async () => {
      await stopController();
      abort.abort();
      await secrets.whenStopped();
    };
    await cloudSecret('cloud', 'keelson-password');
  }, 150_000);

  afterAll(async () => {
    await stop?.();
    await cloud?.stop();
    await management?.stop();
  });

  const cloudSecret = (name: string, entry: string): Promise<unknown> => management.client.apply(resources.secrets, {
    apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData: { 'clouds.yaml': stringify({ clouds: { openstack: cloud.cloud.clouds().clouds[entry] } }) },
  } as KubeObject, { fieldManager: 'test', force: true });

  async function create(name: string, o: { flavor?: string; secret?: string; identity?: object; api?: object; annotations?: Record<string, string> } = {}): Promise<Held> {
    const variables = [
      { name: 'controlPlane', value: { flavor: o.flavor ?? 'k.small', image: 'keelson-node-v1.36.3' } }, { name: 'cloud', value: { identity: o.identity ?? { name: o.secret ?? 'cloud' } } }, { name: 'api', value: o.api ?? {} },
    ];
    return management.client.create<Held>(resources.clusters, {
      apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Cluster', metadata: { name, namespace, ...(o.annotations ? { annotations: o.annotations } : {}) },
      spec: { topology: { classRef: { name: 'openstack-v1', namespace: 'keelson-system' }, version: 'v1.36.3', controlPlane: { replicas: 1 }, variables } },
    });
  }
  const deadKubeconfig = (): string => management.kubeconfig.replaceAll(/server: .*/g, 'server: https://127.0.0.1:9');
  const get = (name: string): Promise<Held | undefined> => management.client.get<Held>(resources.clusters, { namespace, name });
  const condition = async (name: string, type: string): Promise<Condition | undefined> => (await get(name))?.status?.conditions?.find((c) => c.type === `keelson.dev/${type}`);
  const request = (cluster: Held | undefined): LifecycleRequest => ({ settings, cluster: cluster as unknown as LifecycleRequest['cluster'] });
  const isLetGo = async (name: string, hook: (r: LifecycleRequest) => { retryAfterSeconds: number }): Promise<boolean> => hook(request(await get(name))).retryAfterSeconds === 0;

  it('is created once the cloud has what it needs, and not before', async () => {
    const cluster = await create('fits');
    expect(beforeClusterCreate(request(cluster))).toMatchObject({ retryAfterSeconds: 1, message: expect.stringMatching(/waiting for the check of the cloud/) });
    await eventually(() => isLetGo('fits', beforeClusterCreate));
    expect(await eventually(() => condition('fits', 'PreflightPassed'))).toMatchObject({ status: 'True', reason: 'Passed' });
    expect((await get('fits'))?.metadata.finalizers).toEqual(['keelson.dev/cluster']);
  }, 30_000);

  it('is refused with field, reason and remedy, and let go when the spec was corrected', async () => {
    await create('wrong', { flavor: 'k.none' });
    const refused = await eventually(async () => ((await condition('wrong', 'PreflightPassed'))?.status === 'False' ? condition('wrong', 'PreflightPassed') : undefined));
    expect(refused).toMatchObject({ reason: 'Refused', message: 'spec.topology.variables.controlPlane.flavor: the cloud has no flavor k.none; it has k.large, k.medium, k.small' });
    expect(beforeClusterCreate(request(await get('wrong')))).toMatchObject({ retryAfterSeconds: 10, message: expect.stringMatching(/no flavor k\.none/) });
    await management.client.patch(resources.clusters, { namespace, name: 'wrong' }, { type: 'json', body: [{ op: 'replace', path: '/spec/topology/variables/0/value/flavor', value: 'k.small' }] });
    expect(beforeClusterCreate(request(await get('wrong'))).message).toMatch(/waiting for the check/);
    await eventually(() => isLetGo('wrong', beforeClusterCreate));
  }, 30_000);

  it('with a generation that changes nothing that matters asks the cloud nothing', async () => {
    cloud.cloud.resetCalls();
    await management.client.patch(resources.clusters, { namespace, name: 'fits' }, { type: 'merge', body: { spec: { infrastructureRef: { kind: 'OpenStackCluster', name: 'fits-x' } } } });
    await eventually(async () => {
      const now = await get('fits');
      return readVerdict(now?.metadata.annotations)?.generation === now?.metadata.generation;
    });
    expect(cloud.cloud.calls()).toEqual([]);
  }, 30_000);

  it('may use an OpenStackClusterIdentity that admits its namespace, and no other', async () => {
    const identities = { group: 'infrastructure.cluster.x-k8s.io', version: 'v1alpha1', plural: 'openstackclusteridentities', kind: 'OpenStackClusterIdentity', namespaced: false };
    await management.client.create(resources.customResourceDefinitions, openBox({ ...identities, scope: 'Cluster' }));
    await eventually(() => management.client.list(identities));
    const secretRef = { name: 'shared-cloud', namespace: 'keelson-system' };
    const clouds = stringify({ clouds: { openstack: cloud.cloud.clouds().clouds['keelson-password'] } });
    await management.client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: secretRef, stringData: { 'clouds.yaml': clouds } } as KubeObject);
    for (const [name, team] of [['ours', 'demo'], ['theirs', 'other']] as const) await management.client.create(identities, { apiVersion: 'infrastructure.cluster.x-k8s.io/v1alpha1', kind: identities.kind, metadata: { name }, spec: { secretRef, namespaceSelector: { matchLabels: { team } } } });
    await management.client.patch(resources.namespaces, { name: namespace }, { type: 'merge', body: { metadata: { labels: { team: 'demo' } } } });
    for (const name of ['ours', 'theirs']) await create(`uses-${name}`, { identity: { type: 'ClusterIdentity', name } });
    await eventually(() => isLetGo('uses-ours', beforeClusterCreate));
    expect(await eventually(() => condition('uses-theirs', 'PreflightPassed'))).toMatchObject({ status: 'False', reason: 'CloudSecretInvalid', message: expect.stringMatching(/OpenStackClusterIdentity theirs does not admit namespace org-demo/) });
  }, 60_000);

  it('names a Secret that is missing', async () => {
    await create('blind', { secret: 'nowhere' });
    expect(await eventually(() => condition('blind', 'PreflightPassed'))).toMatchObject({ status: 'False', reason: 'CloudSecretInvalid', message: expect.stringMatching(/Secret org-demo\/nowhere of Cluster blind is not there; create it/) });
  }, 30_000);

  describe('its own credentials', () => credentialCases(() => ({ management, cloud, context, create, cloudSecret, condition, isLetGo: (name) => isLetGo(name, beforeClusterCreate) })));

  it('lets its workers follow the control plane when nodes, budgets and quotas are fit for it', async () => {
    const { client } = management;
    const body = (kind: string, apiVersion: string, name: string, rest: object): KubeObject => ({ apiVersion, kind, metadata: { name, namespace, labels: { 'cluster.x-k8s.io/cluster-name': 'rising' } }, ...rest });
    await client.create(resources.kubeadmControlPlanes, body('KubeadmControlPlane', 'controlplane.cluster.x-k8s.io/v1beta2', 'rising-cp', {}));
    await client.patch(resources.kubeadmControlPlanes, { namespace, name: 'rising-cp' }, { type: 'merge', body: { status: { version: 'v1.36.3' } }, subresource: 'status' });
    await client.create(resources.machineDeployments, body('MachineDeployment', 'cluster.x-k8s.io/v1beta2', 'rising-az1', { spec: { template: { spec: { version: 'v1.35.4' } } } }));
    const node = async (kubeletVersion: string): Promise<unknown> => client.patch(resources.nodes, { name: 'rising-cp-1' }, { type: 'merge', body: { status: { nodeInfo: { kubeletVersion }, conditions: [{ type: 'Ready', status: 'True', reason: 'x', message: '', lastHeartbeatTime: null, lastTransitionTime: null }] } }, subresource: 'status' });
    await client.create(resources.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'rising-cp-1', labels: { 'node-role.kubernetes.io/control-plane': '' } } });
    await node('v1.35.4');
    const budgets = { group: 'policy', version: 'v1', plural: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', namespaced: true };
    await client.create(budgets, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'shop', namespace: 'default' }, spec: { minAvailable: 1, selector: {} } });
    const allow = (disruptionsAllowed: number): Promise<unknown> => client.patch(budgets, { namespace: 'default', name: 'shop' }, { type: 'merge', body: { status: { disruptionsAllowed, expectedPods: 1, currentHealthy: 1, desiredHealthy: 1, observedGeneration: 1 } }, subresource: 'status' });
    await allow(0);

    await create('rising');
    await initialize(management, 'rising', management.kubeconfig);
    const ask = async (): Promise<{ message: string; retryAfterSeconds: number }> => beforeWorkersUpgrade({ ...request(await get('rising')), toKubernetesVersion: 'v1.36.3' });
    expect(await ask()).toMatchObject({ retryAfterSeconds: 1, message: expect.stringMatching(/waiting for the operator/) });
    const says = async (text: RegExp): Promise<unknown> => eventually(async () => text.test((await ask()).message));
    const again = (): Promise<unknown> => client.patch(resources.clusters, { namespace, name: 'rising' }, { type: 'merge', body: { spec: { controlPlaneRef: { name: 'rising-cp' }, infrastructureRef: { kind: 'OpenStackCluster', name: `x${Math.random()}` } } } });
    await again();
    await says(/workers wait before they go to v1\.36\.3: control plane node rising-cp-1 runs v1\.35\.4; PodDisruptionBudget default\/shop lets no pod go \(1 healthy, 1 wanted\)\. The annotation keelson\.dev\/roll-workers/);
    await node('v1.36.3');
    await again();
    await says(/v1\.36\.3: PodDisruptionBudget/);
    await allow(1);
    cloud.cloud.state.nova.quotas[(await cloud.member.projectId())!] = { instances: 0 };
    await again();
    await says(/v1\.36\.3: the whole cluster needs \d servers/);
    await client.patch(resources.clusters, { namespace, name: 'rising' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/roll-workers': 'now' } } } });
    await eventually(async () => (await ask()).retryAfterSeconds === 0);
    await client.patch(resources.clusters, { namespace, name: 'rising' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/roll-workers': null } } } });
    await says(/servers/);
    cloud.cloud.state.nova.quotas[(await cloud.member.projectId())!] = {};
    await again();
    await eventually(async () => (await ask()).retryAfterSeconds === 0);
    expect(beforeWorkersUpgrade({ ...request(await get('rising')), toKubernetesVersion: 'v1.37.0' })).toMatchObject({ retryAfterSeconds: 1 });
    await client.delete(resources.nodes, { name: 'rising-cp-1' });
  }, 60_000);

  it('behind OVN turns away whom its list does not name, once it has Cilium, and says so until then', async () => {
    const { client } = management;
    await create('listed', { api: { loadBalancer: { allowedCidrs: ['203.0.113.0/24'] } } });
    await initialize(management, 'listed', management.kubeconfig);
    const says = (reason: string): Promise<unknown> => eventually(async () => (await condition('listed', 'ApiAccessRestricted'))?.reason === reason);
    const again = (): Promise<unknown> => client.patch(resources.clusters, { namespace, name: 'listed' }, { type: 'merge', body: { spec: { infrastructureRef: { kind: 'OpenStackCluster', name: `x${Math.random()}` } } } });
    await says('WaitingForCluster');
    infrastructure = { apiVersion: 'x', kind: 'x', metadata: { name: 'x' }, status: { network: { id: 'n', name: 'n', subnets: [{ id: 's', cidr: '10.20.0.0/24' }] }, router: { id: 'r', ips: ['198.51.100.30'] } } };
    await again();
    await says('NoHostPolicies');
    expect(await condition('listed', 'ApiAccessRestricted')).toMatchObject({ status: 'False', message: expect.stringMatching(/open to everyone: .*hostFirewall\.enabled=true/) });
    const policies = { group: 'cilium.io', version: 'v2', plural: 'ciliumclusterwidenetworkpolicies', kind: 'CiliumClusterwideNetworkPolicy', namespaced: false };
    await client.create(resources.customResourceDefinitions, openBox({ ...policies, scope: 'Cluster' }));
    await eventually(() => client.list(policies));
    await again();
    await says('Restricted');
    const policy = (await client.get(policies, { name: 'keelson-api-access' }))?.['spec'];
    expect(policy).toMatchObject({ ingressDeny: [{ fromCIDRSet: [{ cidr: '0.0.0.0/0', except: ['10.20.0.0/24', '192.0.2.200/32', '198.51.100.30/32', '203.0.113.0/24'] }, { cidr: '::/0', except: [] }] }] });
    await client.patch(resources.clusters, { namespace, name: 'listed' }, { type: 'json', body: [{ op: 'replace', path: '/spec/topology/variables/2/value', value: {} }] });
    await says('Open');
    expect(await client.get(policies, { name: 'keelson-api-access' })).toBeUndefined();
  }, 60_000);

  it('goes with its Services, volumes and leftovers; its neighbour in the same project keeps everything', async () => {
    const dev = await create('dev');
    const dev2 = await create('dev2');
    const [tag, tag2] = [ownershipTag(dev.metadata.uid ?? ''), ownershipTag(dev2.metadata.uid ?? '')];
    const [own, other] = [await home(cloud, tag, '10.20.0.0/24'), await home(cloud, tag2, '10.21.0.0/24')];
    await initialize(management, 'dev', management.kubeconfig);
    const infrastructure = await management.client.create(resources.openStackClusters, { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1', kind: 'OpenStackCluster', metadata: { name: 'dev-x1', namespace, labels: { 'cluster.x-k8s.io/cluster-name': 'dev' } } });
    const machine = await management.client.create(resources.machines, { apiVersion: 'cluster.x-k8s.io/v1beta2', kind: 'Machine', metadata: { name: 'dev-1', namespace, labels: { 'cluster.x-k8s.io/cluster-name': 'dev' } } });
    // A Service that its controller takes apart, and a load balancer of one that nobody remembers.
    await management.client.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default', finalizers: ['service.kubernetes.io/load-balancer-cleanup'] }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } } as KubeObject);
    const forgotten = await serviceLoadBalancer(cloud, { cluster: tag, service: 'default/gone', subnetId: own.subnetId });
    const [kept, removed] = [await volume(cloud, tag), await volume(cloud, tag)];
    await management.client.create(resources.persistentVolumes, { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'data' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', csi: { driver: 'cinder.csi.openstack.org', volumeHandle: kept } } } as KubeObject);
    // A snapshot that is to outlive its VolumeSnapshot, of a volume that is not to be retained for its own sake.
    const frozen = await volume(cloud, tag, { snapshot: true });
    const snapshot = Object.values(cloud.cloud.state.cinder.snapshots).find((one) => one.volume_id === frozen)!.id;
    await management.client.create(resources.persistentVolumes, { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'frozen' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Delete', csi: { driver: 'cinder.csi.openstack.org', volumeHandle: frozen } } } as KubeObject);
    const contents = { group: 'snapshot.storage.k8s.io', version: 'v1', kind: 'VolumeSnapshotContent', plural: 'volumesnapshotcontents', namespaced: false };
    const definition = openBox({ ...contents, scope: 'Cluster' });
    await management.client.create(resources.customResourceDefinitions, { ...definition, metadata: { ...definition.metadata, annotations: { 'api-approved.kubernetes.io': 'unapproved, for a test' } } });
    await eventually(() => management.client.list(contents));
    await management.client.create(contents, { apiVersion: 'snapshot.storage.k8s.io/v1', kind: contents.kind, metadata: { name: 'frozen' }, spec: { driver: 'cinder.csi.openstack.org', deletionPolicy: 'Retain', source: { volumeHandle: frozen } } });
    await management.client.patch(contents, { name: 'frozen' }, { type: 'merge', body: { status: { snapshotHandle: snapshot } }, subresource: 'status' });
    const neighbours = [await serviceLoadBalancer(cloud, { cluster: tag2, service: 'default/web', subnetId: other.subnetId }), { id: await volume(cloud, tag2) }].map(({ id }) => id);

    // As Cluster API does it: the list is written as it was a moment ago. Ours goes, comes back, and belongs to who wrote it.
    for (const finalizers of [['cluster.cluster.x-k8s.io'], ['keelson.dev/cluster', 'cluster.cluster.x-k8s.io']]) await management.client.patch(resources.clusters, { namespace, name: 'dev' }, { type: 'merge', body: { metadata: { finalizers } } });
    await management.client.delete(resources.clusters, { namespace, name: 'dev' });
    await eventually(async () => (await condition('dev', 'CloudCleaned'))?.message === 'removing Service default/web');
    expect(beforeClusterDelete(request(await get('dev')))).toMatchObject({ retryAfterSeconds: 10, message: 'removing Service default/web' });
    // Nothing new may come meanwhile; a policy holds a moment after it was written.
    const late = async (): Promise<string | undefined> => {
      try {
        await management.client.create(resources.services, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'late', namespace: 'default' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } } as KubeObject);
      } catch (error) {
        return String(error);
      }
      await management.client.delete(resources.services, { namespace: 'default', name: 'late' });
      return undefined;
    };
    expect(await eventually(late)).toMatch(/this cluster is being deleted: it takes no new volumes and load balancers/);
    await management.client.patch(resources.services, { namespace: 'default', name: 'web' }, { type: 'merge', body: { metadata: { finalizers: [] } } });

    await eventually(() => isLetGo('dev', beforeClusterDelete));
    await eventually(async () => (await condition('dev', 'CloudCleaned'))?.reason === 'WaitingForMachines');
    expect(cloud.cloud.state.octavia.loadBalancers[forgotten.id]).toBeDefined();
    await management.client.delete(resources.machines, { namespace, name: machine.metadata.name });
    await eventually(() => cloud.cloud.state.octavia.loadBalancers[forgotten.id] === undefined && cloud.cloud.state.cinder.volumes[removed] === undefined);
    await eventually(async () => (await condition('dev', 'CloudCleaned'))?.reason === 'WaitingForInfrastructure');
    await management.client.delete(resources.openStackClusters, { namespace, name: infrastructure.metadata.name });
    await eventually(async () => !(await get('dev'))?.metadata.finalizers?.includes('keelson.dev/cluster'));
    expect(await condition('dev', 'CloudCleaned')).toMatchObject({ status: 'True', reason: 'Cleaned', message: expect.stringMatching(new RegExp(`volume ${kept} \\(it is to be retained\\)`)) });
    expect([cloud.cloud.state.cinder.snapshots[snapshot]?.metadata, cloud.cloud.state.cinder.volumes[frozen]?.metadata]).toMatchObject([{ 'keelson.dev/retain': 'true' }, { 'keelson.dev/retain': 'true' }]);
    expect(Object.values(cloud.cloud.state.keystone.applicationCredentials).filter(({ name }) => name.startsWith(tag))).toEqual([]);
    expect(Object.values(cloud.cloud.state.keystone.applicationCredentials).filter(({ name }) => name.startsWith(tag2))).toHaveLength(1);
    expect(neighbours.every((id) => id in cloud.cloud.state.octavia.loadBalancers || id in cloud.cloud.state.cinder.volumes)).toBe(true);
    expect(context.said.join('\n')).toMatch(/event Normal RemovingLeftovers Cluster dev: removing load balancer kube_service_keelson-[0-9a-f]{16}_default_gone/);
  }, 120_000);

  it('whose API is dead loses what the cloud shows, but no data; a foreign port is named', async () => {
    const dead = await create('dead');
    const tag = ownershipTag(dead.metadata.uid ?? '');
    const { subnetId, networkId } = await home(cloud, tag, '10.22.0.0/24');
    await eventually(() => condition('dead', 'PreflightPassed'));
    await initialize(management, 'dead', management.kubeconfig);
    await management.client.create(resources.openStackClusters, { apiVersion: 'infrastructure.cluster.x-k8s.io/v1beta1', kind: 'OpenStackCluster', metadata: { name: 'dead-x1', namespace, labels: { 'cluster.x-k8s.io/cluster-name': 'dead' } } });
    const lb = await serviceLoadBalancer(cloud, { cluster: tag, service: 'shop/web', subnetId });
    const data = await volume(cloud, tag);
    const port = (await cloud.member.call('network', 'POST', '/v2.0/ports', { body: { port: { network_id: networkId, name: 'database' } } }) as { port: { id: string } }).port;
    // It answers for longer than its silence may last, with a volume that does not go, and dies then.
    await management.client.create(resources.persistentVolumes, { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'stuck' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], csi: { driver: 'cinder.csi.openstack.org', volumeHandle: 'x' }, persistentVolumeReclaimPolicy: 'Delete' } } as KubeObject);
    await management.client.delete(resources.clusters, { namespace, name: 'dead' });
    await eventually(async () => (await condition('dead', 'CloudCleaned'))?.message === 'removing PersistentVolume stuck');
    await new Promise((resolve) => setTimeout(resolve, patienceMs + 200));
    await management.client.patch(resources.secrets, { namespace, name: 'dead-kubeconfig' }, { type: 'merge', body: { data: { value: Buffer.from(deadKubeconfig()).toString('base64') } } });
    const blocked = await eventually(async () => ((await condition('dead', 'CloudCleaned'))?.reason === 'BlockedByForeignPort' ? condition('dead', 'CloudCleaned') : undefined), 60_000);
    expect(blocked?.message).toContain(`${port.id} database (no device)`);
    expect(cloud.cloud.state.octavia.loadBalancers[lb.id]).toBeUndefined();
    expect(cloud.cloud.state.neutron.ports[port.id]).toBeDefined();
    await management.client.delete(resources.openStackClusters, { namespace, name: 'dead-x1' });
    await eventually(async () => (await get('dead')) === undefined, 60_000);
    expect(cloud.cloud.state.cinder.volumes[data]).toBeDefined();
    expect(context.said.join('\n')).toMatch(/Cluster dead: its API does not answer \(KUBE_UNREACHABLE\)/);
  }, 150_000);

  it('that came from another management cluster, where its API has not answered yet, loses no data either', async () => {
    const identity = '6f0c6a52-1111-4222-8333-444455556666';
    await create('moved', { annotations: { 'keelson.dev/cloud-identity': identity } });
    const tag = ownershipTag(identity);
    await eventually(() => condition('moved', 'PreflightPassed'));
    await putKubeconfig(management, 'moved', deadKubeconfig());
    const data = await volume(cloud, tag);
    await management.client.delete(resources.clusters, { namespace, name: 'moved' });
    await eventually(async () => (await get('moved')) === undefined, 60_000);
    expect(cloud.cloud.state.cinder.volumes[data]).toBeDefined();
    expect(context.said.join('\n')).toMatch(/Cluster moved: its API does not answer/);
    expect(context.said.join('\n')).toMatch(new RegExp(`Cluster moved: kept: volume ${data} \\(the cluster's API could not be asked`));
  }, 90_000);

  describe('and its Apps', () => appsLeaveCases(() => ({ management, context, create, get, condition, machinesWait: async (name) => beforeClusterDelete(request(await get(name))).retryAfterSeconds, deadKubeconfig })));

  it('without credentials says so and stays, until somebody gives the cloud up', async () => {
    await management.client.delete(resources.clusters, { namespace, name: 'blind' });
    await eventually(async () => (await condition('blind', 'CloudCleaned'))?.reason === 'CloudSecretInvalid', 60_000);
    await management.client.patch(resources.clusters, { namespace, name: 'blind' }, { type: 'merge', body: { metadata: { annotations: { 'keelson.dev/abandon-cloud': 'true' } } } });
    await eventually(async () => (await get('blind')) === undefined, 60_000);
  }, 150_000);

  managementPreflightCase(() => management);

  it('says no secret anywhere', () => {
    const clouds = cloud.cloud.clouds().clouds as Record<string, { auth: { password: string; application_credential_secret: string } }>;
    expect(context.said.length).toBeGreaterThan(10);
    for (const secret of [clouds['keelson']!.auth.application_credential_secret, clouds['keelson-password']!.auth.password]) expect(context.said.join('\n')).not.toContain(secret);
  });
});
