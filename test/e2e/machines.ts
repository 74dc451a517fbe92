/** The machines of a workload cluster, asked from the management cluster, and how the tests wait for them. */
import { ownershipTag } from '../../provisioner/api/names.ts';
import { eventually, type Keelson } from './keelson.ts';

export interface Machine {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly providerID?: string; readonly failureDomain?: string; readonly version?: string };
  readonly status?: { readonly phase?: string; readonly nodeRef?: { readonly name: string }; readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface Cluster {
  readonly metadata: { readonly generation: number; readonly uid: string };
  readonly spec: { readonly topology: { readonly version: string } };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string; readonly observedGeneration?: number }[] };
}

/** A cluster in the namespace of its organization. */
export class Workload {
  readonly keelson: Keelson;
  readonly name: string;
  readonly namespace: string;

  constructor(keelson: Keelson, name = 'demo') {
    this.keelson = keelson;
    this.name = name;
    this.namespace = `org-${name}`;
  }

  async machines(role?: 'control plane' | 'worker'): Promise<readonly Machine[]> {
    const { items } = await this.keelson.json<{ items: Machine[] }>('management', ['-n', this.namespace, 'get', 'machines.cluster.x-k8s.io', '-l', `cluster.x-k8s.io/cluster-name=${this.name}`]);
    return items.filter((machine) => role === undefined || isControlPlane(machine) === (role === 'control plane'));
  }

  /** Undefined when it is gone. */
  async cluster(): Promise<Cluster | undefined> {
    const found = await this.keelson.kubectl('management', ['-n', this.namespace, 'get', 'clusters.cluster.x-k8s.io', this.name, '-o', 'json', '--ignore-not-found']);
    if (found.code !== 0) throw new Error(found.stderr);
    return found.stdout ? (JSON.parse(found.stdout) as Cluster) : undefined;
  }

  /** Name, and the tag of what the operator makes for it in the cloud. @throws Error when there is no such Cluster */
  async owner(): Promise<{ readonly name: string; readonly tag: string }> {
    const cluster = await this.cluster();
    if (!cluster) throw new Error(`there is no Cluster ${this.namespace}/${this.name}`);
    return { name: this.name, tag: ownershipTag(cluster.metadata.uid) };
  }

  /** Waits until there are exactly so many machines, all with a Ready node and none on its way out, and the Cluster says Available of its newest generation. */
  settled(size: { controlPlanes: number; workers: number }, timeoutMs: number, also: (machine: Machine) => boolean = () => true): Promise<readonly Machine[]> {
    return eventually(`${this.name} of ${size.controlPlanes} + ${size.workers}`, timeoutMs, async () => {
      const [machines, cluster] = [await this.machines(), await this.cluster()];
      const available = cluster?.status?.conditions?.find(({ type }) => type === 'Available');
      const isRight = machines.filter(isControlPlane).length === size.controlPlanes && machines.length === size.controlPlanes + size.workers && machines.every(isReady) && machines.every(also);
      const isAvailable = available?.status === 'True' && available.observedGeneration === cluster?.metadata.generation;
      if (isRight && isAvailable) return machines;
      throw new Error(`${machines.map((m) => `${m.metadata.name} ${m.status?.phase} ${isReady(m) ? 'ready' : 'not ready'}`).join(', ')}; Available ${available?.status}: ${available?.message ?? ''}`);
    });
  }
}

export const isControlPlane = (machine: Machine): boolean => 'cluster.x-k8s.io/control-plane' in machine.metadata.labels;
export const serverOf = (machine: Machine): string => machine.spec.providerID?.split('/').at(-1) ?? '';
const isReady = ({ status }: Machine): boolean => status?.phase === 'Running' && status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
