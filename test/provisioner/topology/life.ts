/** A cluster from its creation to its end on a cloud, made by the real Cluster API and CAPO with our class and our operator. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { stringify } from 'yaml';
import { type Condition, type Controller, type KubeClient, type KubeObject, Reflector, resources, type Resource } from '../../../provisioner/kube/index.ts';
import { listAll } from '../../../provisioner/openstack/collection.ts';
import { Identity, parseClouds, type ServiceType, Session } from '../../../provisioner/openstack/index.ts';
import { bastionAccessController } from '../../../provisioner/operators/bastion-access/controller.ts';
import type { AppObject } from '../../../provisioner/operators/app/app-object.ts';
import { clusterController } from '../../../provisioner/operators/cluster/controller.ts';
import type { Cluster, OpenStackCluster } from '../../../provisioner/operators/cluster.ts';
import { clusterRoutesController } from '../../../provisioner/operators/cluster-routes/controller.ts';
import { encryptionKeyController } from '../../../provisioner/operators/encryption-key/controller.ts';
import { networkRoutesController } from '../../../provisioner/operators/network-routes/controller.ts';
import { serverGroupsController } from '../../../provisioner/operators/server-groups/controller.ts';
import { operatorDecides } from '../../../provisioner/topology/extension/lifecycle.ts';
import { type ClassVersion, classVersions } from '../../../provisioner/topology/class/versions.ts';
import type { Running } from '../../sandbox/openstack/fixture.ts';
import { startControllers, testContext, type TestContext } from '../operators/surroundings.ts';
import { startManagementPlane, type ManagementPlane, until } from './management-plane.ts';

export interface CloudUnderTest {
  readonly cloudsYaml: string;
  /** Entry of clouds.yaml: with a password, so that it can make application credentials. */
  readonly entry: string;
  readonly flavor: string;
  readonly image: string;
}

/** The simulated cloud, with what is recorded of it. */
export const simulated = ({ cloud }: Running): CloudUnderTest => ({ cloudsYaml: stringify(cloud.clouds()), entry: 'keelson-password', flavor: 'k.medium', image: 'keelson-node-v1.36.3' });

/** There while the real OpenStack of test/openstack-lab runs: node test/openstack/main.ts --lab --keep starts it, LAB_STATE says where it lives. */
export const labClouds = join(process.env['LAB_STATE'] ?? '/var/tmp/keelson-openstack-lab', 'clouds.yaml');
export const lab = (): CloudUnderTest => ({ cloudsYaml: readFileSync(labClouds, 'utf8'), entry: 'lab-password', flavor: 'lab.medium', image: 'lab-node' });

export type Held = KubeObject & {
  spec: { paused?: boolean; infrastructureRef?: { name: string }; topology: { version: string; classRef: { name: string; namespace?: string }; controlPlane: { replicas: number }; workers: { machineDeployments: { name: string; replicas: number }[] }; variables: { name: string; value: Record<string, unknown> }[] } };
  status?: { conditions?: Condition[] };
};

export interface CloudServer {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly tags: readonly string[];
  readonly 'OS-EXT-AZ:availability_zone': string;
}

export const namespace = 'org-demo';

/** A management plane with its operator, and one cloud. */
export class Life {
  readonly plane: ManagementPlane;
  readonly context: TestContext;
  readonly cloud: CloudUnderTest;
  readonly session: Session;
  readonly #workload: KubeClient | undefined;
  #stopOperator: (() => Promise<void>) | undefined;

  /** @param o.isItsOwnWorkload what the operator asks of the cluster's own API, it asks of the management API server; default: no cluster answers */
  static async start(cloud: CloudUnderTest, o: { readonly isItsOwnWorkload?: boolean; readonly versions?: readonly ClassVersion[] } = {}): Promise<Life> {
    const { versions = classVersions } = o;
    const plane = await startManagementPlane(operatorDecides, { isWhole: true, versions });
    const life = new Life(plane, cloud, o.isItsOwnWorkload === true ? plane.client : undefined);
    life.startOperator();
    for (const { name } of versions) {
      await until(`VariablesReady of ${name}`, async () => {
        const found = await plane.client.get<Held>(resources.clusterClasses, { namespace: 'keelson-system', name });
        return found?.status?.conditions?.find(({ type, status }) => type === 'VariablesReady' && status === 'True');
      });
    }
    return life;
  }

  private constructor(plane: ManagementPlane, cloud: CloudUnderTest, workload: KubeClient | undefined) {
    this.plane = plane;
    this.#workload = workload;
    this.cloud = cloud;
    this.context = testContext(plane.client);
    this.session = new Session({ cloud: parseClouds(cloud.cloudsYaml, cloud.entry), userAgent: 'keelson-test' });
  }

  startOperator(): void {
    const { context } = this;
    const clusters = new Reflector<Cluster>({ client: context.client, resource: resources.clusters });
    const openStackClusters = new Reflector<OpenStackCluster>({ client: context.client, resource: resources.openStackClusters });
    const controllers: Controller[] = [
      clusterController({ context, workers: 2, againMs: 500, clusters, openStackClusters, apps: new Reflector<AppObject>({ client: context.client, resource: resources.apps }), remotes: { client: () => Promise.resolve(this.#workload) } }),
      serverGroupsController({ context, clusters }), encryptionKeyController({ context, clusters }), bastionAccessController({ context, clusters, openStackClusters, soonMs: 1000 }),
      networkRoutesController({ context, clusters, openStackClusters, soonMs: 1000 }), clusterRoutesController({ context, clusters, openStackClusters }),
    ];
    this.#stopOperator = startControllers(controllers);
  }

  get hasOperator(): boolean {
    return this.#stopOperator !== undefined;
  }

  async killOperator(): Promise<void> {
    await this.#stopOperator?.();
    this.#stopOperator = undefined;
  }

  async stop(): Promise<void> {
    await this.killOperator();
    this.session.close();
    await this.plane.stop();
  }

  async putSecret(): Promise<void> {
    const { client } = this.plane;
    const clouds = stringify({ clouds: { openstack: parseClouds(this.cloud.cloudsYaml, this.cloud.entry) } });
    await client.create(resources.secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'cloud', namespace }, stringData: { 'clouds.yaml': clouds } } as KubeObject);
  }

  /** examples/cluster.yaml with this cloud's names. */
  cluster(change: (cluster: Held) => void = () => undefined): Held {
    const cluster = load(readFileSync(join(import.meta.dirname, '../../../examples/cluster.yaml'), 'utf8')) as Held;
    const set = (name: string, fields: object): void => void Object.assign(cluster.spec.topology.variables.find((one) => one.name === name)!.value, fields);
    set('controlPlane', { flavor: this.cloud.flavor, image: this.cloud.image });
    set('worker', { flavor: this.cloud.flavor });
    change(cluster);
    return cluster;
  }

  get(): Promise<Held | undefined> {
    return this.plane.client.get<Held>(resources.clusters, { namespace, name: 'demo' });
  }

  async condition(type: string): Promise<Condition | undefined> {
    return (await this.get())?.status?.conditions?.find((one) => one.type === type);
  }

  /** @throws with what CAPO said last */
  async whenTrue(type: string): Promise<void> {
    let last = '';
    await until(`${type} of the Cluster`, async () => {
      const now = await this.condition(type);
      last = `${now?.status} ${now?.message}`;
      return now?.status === 'True' ? true : undefined;
    }, 4).catch((error: unknown) => Promise.reject(new Error(`${String(error)}: ${last}\n${this.plane.log('infrastructure-openstack')}`)));
  }

  async list(resource: Resource): Promise<KubeObject[]> {
    return (await this.plane.client.list(resource, { namespace })).items;
  }

  async change(body: object): Promise<void> {
    await this.plane.client.patch(resources.clusters, { namespace, name: 'demo' }, { type: 'merge', body });
  }

  /** Everything the project has and the application credentials of its user, as one line each. Access rules stay: they are the user's and may serve others. */
  async listing(): Promise<string[]> {
    const credentials = await new Identity(this.session).applicationCredentials();
    const lines = credentials.map(({ id, name }) => `application_credentials ${id} ${name}`);
    for (const [service, path, name] of collections) {
      for (const item of (await listAll(this.session, service, { path, name })) as Record<string, unknown>[]) {
        // Shared things and those of others are seen by a member too: networks of the provider, groups of the project.
        lines.push(`${name} ${String(item['id'] ?? JSON.stringify(item))} ${String(item['name'])}`);
      }
    }
    return lines.sort();
  }

  async servers(): Promise<CloudServer[]> {
    return (await listAll(this.session, 'compute', { path: '/servers/detail', name: 'servers' }, { headers: { 'openstack-api-version': 'compute 2.67' } })) as CloudServer[];
  }

  /** Fails at once when one of them is in ERROR. @param tag of the cluster they belong to */
  whenActive(tag: string, count: number, withinMinutes: number): Promise<CloudServer[]> {
    return until(`${count} servers that are ACTIVE`, async () => {
      const all = (await this.servers()).filter((server) => server.tags.includes(tag));
      if (all.some(({ status }) => status === 'ERROR')) throw new Error(JSON.stringify(all));
      return all.length === count && all.every(({ status }) => status === 'ACTIVE') ? all : undefined;
    }, withinMinutes);
  }

  /** @throws with what is said of it and what CAPO said last */
  async whenGone(withinMinutes: number): Promise<void> {
    await until('the end of the Cluster', async () => ((await this.get()) === undefined ? true : undefined), withinMinutes).catch(async (error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify((await this.get())?.status?.conditions)}\n${this.plane.log('infrastructure-openstack')}`);
    });
  }

  async serverGroups(): Promise<{ name: string; policy: string; members: string[] }[]> {
    return (await listAll(this.session, 'compute', { path: '/os-server-groups', name: 'server_groups' }, { headers: { 'openstack-api-version': 'compute 2.67' } })) as { name: string; policy: string; members: string[] }[];
  }
}

const collections: readonly (readonly [ServiceType, string, string])[] = [
  ['compute', '/servers/detail', 'servers'], ['compute', '/os-server-groups', 'server_groups'],
  ...(['networks', 'subnets', 'ports', 'routers', 'security-groups', 'floatingips'] as const).map((path) => ['network', `/v2.0/${path}`, path.replaceAll('-', '_')] as const),
  ...(['loadbalancers', 'listeners', 'pools', 'healthmonitors'] as const).map((path) => ['load-balancer', `/v2.0/lbaas/${path}`, path] as const),
  ['volumev3', '/volumes/detail', 'volumes'], ['volumev3', '/snapshots/detail', 'snapshots'],
];
