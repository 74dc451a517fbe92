/** Clients that make and remove networks, servers with volumes, and load balancers as fast as they are answered, and remember every answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudError, type ServiceType, type Session } from '../../../provisioner/openstack/index.ts';

/** Something that was made: where it is asked for. */
export interface Thing { readonly kind: Kind; readonly service: ServiceType; readonly path: string }
export type Kind = 'network' | 'subnet' | 'port' | 'server' | 'volume' | 'attachment' | 'loadbalancer' | 'listener';

export class Burst {
  /** By path: answered, and not removed since. */
  readonly kept = new Map<string, Thing>();
  /** Whose removal was answered. */
  readonly removed = new Map<string, Thing>();
  /** Whose removal was asked for without an answer: there or not, both is right. */
  readonly unsure = new Set<string>();
  unanswered = 0;
  isOver = false;
  readonly #session: Session;
  readonly #enough: number;
  readonly #kinds: number;
  readonly #reached = Promise.withResolvers<void>();

  /** @param enough how many calls have to be answered, of at least how many `kinds`, before `reached` */
  constructor(session: Session, { enough, kinds }: { enough: number; kinds: number }) {
    this.#session = session;
    this.#enough = enough;
    this.#kinds = kinds;
  }

  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  /** Of what was made, or made and removed. */
  get kinds(): ReadonlySet<Kind> {
    return new Set([...this.kept.values(), ...this.removed.values()].map(({ kind }) => kind));
  }

  get answered(): number {
    return this.kept.size + this.removed.size;
  }

  /** Until the cloud answers no more. */
  async run(): Promise<void> {
    await Promise.all([this.#networks('a'), this.#networks('b'), this.#servers(), this.#loadBalancers()].map(async (client) => {
      try {
        await client;
      } catch (error) {
        // A refusal would be a fault of this test or of the cloud; only a call without an answer is what the kill does.
        if (!(error instanceof CloudError) || (error.code !== 'CLOUD_UNREACHABLE' && error.code !== 'CLOUD_TIMEOUT')) throw error;
        this.unanswered += 1;
      }
    }));
  }

  async #networks(client: string): Promise<void> {
    for (let i = 0; !this.isOver; i++) {
      const made = await this.#network(`n-${client}-${i}`);
      const port = await this.#make('port', 'network', '/v2.0/ports', { network_id: made.network, fixed_ips: [{ subnet_id: made.subnet }] });
      // Most go again, or the quota would end the burst.
      if (i % 5 !== 0) {
        await this.#remove({ kind: 'port', service: 'network', path: `/v2.0/ports/${port}` });
        await this.#removeNetwork(made);
      }
    }
  }

  /** A server, and a volume that is attached to it. */
  async #servers(): Promise<void> {
    const { flavors } = await this.#session.call('compute', 'GET', '/flavors') as { flavors: { id: string }[] };
    const { images } = await this.#session.call('image', 'GET', '/v2/images') as { images: { id: string }[] };
    for (let i = 0; !this.isOver; i++) {
      const on = await this.#network(`n-s-${i}`);
      const server = await this.#make('server', 'compute', '/servers', { name: `s-${i}`, flavorRef: flavors[0]!.id, imageRef: images[0]!.id, networks: [{ uuid: on.network }] });
      const volume = await this.#make('volume', 'volumev3', '/volumes', { size: 1 });
      await this.#becomes('compute', `/servers/${server}`, ({ server: shown }) => shown?.['status'] === 'ACTIVE');
      await this.#becomes('volumev3', `/volumes/${volume}`, ({ volume: shown }) => shown?.['status'] === 'available');
      const attachment: Thing = { kind: 'attachment', service: 'compute', path: `/servers/${server}/os-volume_attachments/${volume}` };
      await this.#session.call('compute', 'POST', `/servers/${server}/os-volume_attachments`, { body: { volumeAttachment: { volumeId: volume } } });
      this.#answered(attachment);
      await this.#becomes('volumev3', `/volumes/${volume}`, ({ volume: shown }) => shown?.['status'] === 'in-use');
      if (i % 3 === 0) continue;
      await this.#remove(attachment);
      await this.#becomes('volumev3', `/volumes/${volume}`, ({ volume: shown }) => shown?.['status'] === 'available');
      await this.#remove({ kind: 'volume', service: 'volumev3', path: `/volumes/${volume}` });
      await this.#remove({ kind: 'server', service: 'compute', path: `/servers/${server}` });
      await this.#becomes('compute', `/servers/${server}`, (_, status) => status === 404);
      await this.#removeNetwork(on);
    }
  }

  async #loadBalancers(): Promise<void> {
    const on = await this.#network('n-lb');
    for (let i = 0; !this.isOver; i++) {
      const lb = await this.#make('loadbalancer', 'load-balancer', '/v2.0/lbaas/loadbalancers', { name: `lb-${i}`, vip_subnet_id: on.subnet });
      const isActive = ({ loadbalancer: shown }: Answered): boolean => shown?.['provisioning_status'] === 'ACTIVE';
      await this.#becomes('load-balancer', `/v2.0/lbaas/loadbalancers/${lb}`, isActive);
      const listener = await this.#make('listener', 'load-balancer', '/v2.0/lbaas/listeners', { loadbalancer_id: lb, protocol: 'TCP', protocol_port: 80 });
      if (i % 3 === 0) continue;
      await this.#becomes('load-balancer', `/v2.0/lbaas/loadbalancers/${lb}`, isActive);
      await this.#remove({ kind: 'listener', service: 'load-balancer', path: `/v2.0/lbaas/listeners/${listener}` });
      await this.#becomes('load-balancer', `/v2.0/lbaas/loadbalancers/${lb}`, isActive);
      await this.#remove({ kind: 'loadbalancer', service: 'load-balancer', path: `/v2.0/lbaas/loadbalancers/${lb}` });
    }
  }

  async #network(name: string): Promise<{ network: string; subnet: string }> {
    const network = await this.#make('network', 'network', '/v2.0/networks', { name });
    return { network, subnet: await this.#make('subnet', 'network', '/v2.0/subnets', { network_id: network, ip_version: 4, cidr: '10.0.0.0/24' }) };
  }

  async #removeNetwork({ network, subnet }: { network: string; subnet: string }): Promise<void> {
    await this.#remove({ kind: 'subnet', service: 'network', path: `/v2.0/subnets/${subnet}` });
    await this.#remove({ kind: 'network', service: 'network', path: `/v2.0/networks/${network}` });
  }

  async #make(kind: Kind, service: ServiceType, collection: string, body: object): Promise<string> {
    const { id } = (await this.#session.call(service, 'POST', collection, { body: { [kind]: body } }) as Record<string, { id: string }>)[kind]!;
    this.#answered({ kind, service, path: `${collection}/${id}` });
    return id;
  }

  async #remove(thing: Thing): Promise<void> {
    this.unsure.add(thing.path);
    await this.#session.call(thing.service, 'DELETE', thing.path);
    this.unsure.delete(thing.path);
    this.kept.delete(thing.path);
    this.removed.set(thing.path, thing);
    this.#count();
  }

  async #becomes(service: ServiceType, path: string, isSo: (body: Answered, status: number) => boolean): Promise<void> {
    for (;;) {
      const { status, body } = await this.#session.exchange(service, 'GET', path);
      if (isSo(status < 400 ? JSON.parse(body) as Answered : {}, status)) return;
      await sleep(2);
    }
  }

  #answered(thing: Thing): void {
    this.kept.set(thing.path, thing);
    this.#count();
  }

  #count(): void {
    if (this.answered >= this.#enough && this.kinds.size >= this.#kinds) this.#reached.resolve();
  }
}

type Answered = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
