/** One Cluster while something is away: what a person asks of it, and what is waited for. No server boots before the simulated cloud: what a node would say is in none of it. */
import { isKubeError, type KubeObject, resources, type Resource } from '../../../../provisioner/kube/index.ts';
import { type Held, type Life, namespace } from '../life.ts';
import { until } from '../management-plane.ts';

export const [older, newer] = ['v1.36.2', 'v1.36.3'];

/** Machines of a Cluster, as label selectors: the only one of the control plane, which has a server; the workers of the class, which have none before the control plane answers. */
export const controlPlane = 'cluster.x-k8s.io/control-plane';
export const workers = 'topology.cluster.x-k8s.io/deployment-name=az1';

type Machine = KubeObject & { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly reason: string; readonly message: string }[] } };

export class ClusterUnderTest {
  readonly name: string;
  readonly #life: Life;

  constructor(life: Life, name: string) {
    this.#life = life;
    this.name = name;
  }

  async create(change: (cluster: Held) => void = () => undefined): Promise<void> {
    await this.#life.plane.client.create(resources.clusters, this.#life.cluster((cluster) => {
      cluster.metadata.name = this.name;
      cluster.spec.topology.version = older;
      change(cluster);
    }));
  }

  async scale(replicas: number): Promise<void> {
    await this.#replace('/spec/topology/workers/machineDeployments/0/replicas', replicas);
  }

  async upgrade(): Promise<void> {
    await this.#replace('/spec/topology/version', newer);
  }

  async remove(): Promise<void> {
    await this.#life.plane.client.delete(resources.clusters, { namespace, name: this.name });
  }

  /** The pauses between two attempts have grown meanwhile; a change of an object, whichever, has its controllers look at once. */
  async nudge(): Promise<void> {
    await this.#touch(resources.clusters, this.name);
    for (const resource of [resources.openStackClusters, resources.openStackMachines, resources.openStackServers]) {
      for (const { metadata } of await this.of(resource)) await this.#touch(resource, metadata.name);
    }
  }

  /** A person gives a machine up: what a health check does when its node is silent. @returns its name */
  async giveUp(kind: string): Promise<string> {
    const [machine = ''] = await until(`a machine of ${this.name} (${kind})`, async () => nonEmpty(await this.machines(kind)));
    await this.#life.plane.client.patch(resources.machines, { namespace, name: machine }, { type: 'merge', body: { metadata: { annotations: { 'cluster.x-k8s.io/remediate-machine': '' } } } });
    return machine;
  }

  get(): Promise<Held | undefined> {
    return this.#life.plane.client.get<Held>(resources.clusters, { namespace, name: this.name });
  }

  async of<T extends KubeObject>(resource: Resource, more?: string): Promise<T[]> {
    const labelSelector = [`cluster.x-k8s.io/cluster-name=${this.name}`, ...(more ? [more] : [])].join(',');
    return (await this.#life.plane.client.list<T>(resource, { namespace, labelSelector })).items;
  }

  async machines(kind: string): Promise<string[]> {
    return (await this.of(resources.machines, kind)).map(({ metadata }) => metadata.name).sort();
  }

  /** Why a machine that was given up is still there; empty when it is on its way out. */
  async isKeptBecause(machine: string): Promise<string> {
    const { metadata, status } = (await this.#life.plane.client.get<Machine>(resources.machines, { namespace, name: machine })) ?? { metadata: { deletionTimestamp: 'gone' } };
    return metadata.deletionTimestamp === undefined ? status?.conditions?.find(({ type }) => type === 'OwnerRemediated')?.message ?? 'nobody has looked at it' : '';
  }

  async condition(type: string): Promise<{ status: string; reason: string; message: string } | undefined> {
    return (await this.get())?.status?.conditions?.find((one) => one.type === type);
  }

  async version(): Promise<unknown> {
    return ((await this.of(resources.kubeadmControlPlanes))[0]?.['spec'] as { version?: string } | undefined)?.version;
  }

  async infrastructure(): Promise<KubeObject | undefined> {
    return (await this.of(resources.openStackClusters))[0];
  }

  /** Waits, and fails with what is said of the Cluster last, and by whom that should have acted. */
  async whenSo(what: string, isSo: () => Promise<boolean>, withinMinutes = 4): Promise<void> {
    const { plane } = this.#life;
    await until(`${this.name}: ${what}`, async () => (await isSo()) || undefined, withinMinutes).catch(async (error: unknown) => {
      const conditions = (await this.get().catch(() => undefined))?.status?.conditions?.filter(({ status }) => status !== 'True');
      throw new Error([String(error), JSON.stringify(conditions), ...(['cluster-api', 'control-plane-kubeadm', 'infrastructure-openstack'] as const).map((provider) => plane.log(provider))].join('\n'));
    });
  }

  whenMade(): Promise<void> {
    return this.whenSo('infrastructure, control plane and workers', async () => (await this.condition('InfrastructureReady'))?.status === 'True' && (await this.machines(workers)).length === 1 && (await this.condition('TopologyReconciled'))?.status === 'True');
  }

  whenMachines(count: number): Promise<void> {
    return this.whenSo(`${count} workers`, async () => (await this.machines(workers)).length === count);
  }

  /** @param text of reason or message */
  whenSaid(type: string, text: RegExp): Promise<void> {
    return this.whenSo(`${type} with ${String(text)}`, async () => {
      const { reason = '', message = '' } = (await this.condition(type)) ?? {};
      return text.test(`${reason}: ${message}`);
    });
  }

  whenUpgraded(): Promise<void> {
    return this.whenSo(`${newer} in the control plane`, async () => (await this.version()) === newer);
  }

  whenOnItsWayOut(machine: string): Promise<void> {
    return this.whenSo(`${machine} on its way out`, async () => (await this.isKeptBecause(machine)) === '');
  }

  whenReplaced(kind: string, machine: string): Promise<void> {
    return this.whenSo(`another machine than ${machine}`, async () => {
      const now = await this.machines(kind);
      return now.length > 0 && !now.includes(machine);
    });
  }

  /** Its infrastructure is being removed, which is after its machines are gone. */
  whenGoing(): Promise<void> {
    return this.whenSo('the end begun', async () => (await this.infrastructure())?.metadata.deletionTimestamp !== undefined || (await this.get()) === undefined);
  }

  whenGone(): Promise<void> {
    return this.whenSo('the end', async () => (await this.get()) === undefined, 6);
  }

  /** One that has gone meanwhile needs nobody to look. */
  async #touch(resource: Resource, name: string): Promise<void> {
    await this.#life.plane.client.patch(resource, { namespace, name }, { type: 'merge', body: { metadata: { annotations: { look: String(Date.now()) } } } }).catch((error: unknown) => {
      if (!isKubeError(error, 'KUBE_NOT_FOUND')) throw error;
    });
  }

  async #replace(path: string, value: unknown): Promise<void> {
    await this.#life.plane.client.patch(resources.clusters, { namespace, name: this.name }, { type: 'json', body: [{ op: 'replace', path, value }] });
  }
}

const nonEmpty = <T>(items: readonly T[]): readonly T[] | undefined => (items.length > 0 ? items : undefined);
