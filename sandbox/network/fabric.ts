/** Fabric on Linux: bridges, namespaces, nft and relay processes in the network namespace this process runs in. */
import type { Fabric, WantedLoadBalancer, WantedRouter } from '../openstack/seams.ts';
import { runInside } from './command.ts';
import { NetworkError } from './errors.ts';
import { ensureExternalBridge, nameExternalBridge, removeExternalBridge, unnameExternalBridge } from './external-network.ts';
import { RelayProcess } from './load-balancer/relay-process.ts';
import { doorRules, loadBalancerWanted, relayListeners } from './load-balancer.ts';
import { externalBridge, gatewayDevice, loadBalancerNamespace, routerNamespace } from './names.ts';
import { ensureNamespace, forgetNeighbours, openNamespace, removeNamespace, type WantedNamespace } from './namespace.ts';
import { ensureRouter, routerWanted } from './router.ts';
import { Serial } from './serial.ts';
import { ensureTenantBridge, removeTenantBridge } from './tenant-bridge.ts';

interface KnownNetwork { readonly external: boolean; readonly mtu: number }
interface KnownRouter { readonly rules: string | undefined; readonly hasGateway: boolean }
interface KnownLoadBalancer { readonly relay: RelayProcess; rules: string | undefined }
export interface FabricOptions {
  /** Told what went wrong and was mended without anyone's call: a relay process that died. */
  readonly onTrouble?: (error: NetworkError) => void;
}
type HealthListener = (memberId: string, state: 'ONLINE' | 'ERROR') => void;

export class NetworkFabric implements Fabric {
  readonly #networks = new Map<string, KnownNetwork>();
  readonly #routers = new Map<string, KnownRouter>();
  readonly #loadBalancers = new Map<string, KnownLoadBalancer>();
  readonly #listeners = new Set<HealthListener>();
  readonly #serial = new Serial();
  readonly #onTrouble: (error: NetworkError) => void;

  constructor(options: FabricOptions = {}) {
    this.#onTrouble = options.onTrouble ?? (() => undefined);
  }

  /** Makes the external network's bridge with the addresses of the outside, the API and the pager. */
  start(): Promise<void> {
    return ensureExternalBridge();
  }

  ensureNetwork({ id, external, mtu }: { id: string; external: boolean; mtu: number }): Promise<void> {
    return this.#serial.run(id, async () => {
      if (external) await nameExternalBridge(id);
      else await ensureTenantBridge(id, mtu);
      this.#networks.set(id, { external, mtu });
    });
  }

  removeNetwork(id: string): Promise<void> {
    return this.#serial.run(id, async () => {
      if (this.#networks.get(id)?.external) await unnameExternalBridge(id);
      else await removeTenantBridge(id);
      this.#networks.delete(id);
    });
  }

  ensureRouter(router: WantedRouter): Promise<void> {
    return this.#serial.run(router.id, async () => {
      const wanted = routerWanted(router, (networkId) => this.#mtuOf(networkId, `router ${router.id}`));
      const known = this.#routers.get(router.id);
      // Known before it is made: what a failed attempt left is removed like a whole one.
      this.#routers.set(router.id, { rules: undefined, hasGateway: false });
      const { rules, newAddresses } = await ensureRouter(wanted, router, known?.rules);
      this.#routers.set(router.id, { rules, hasGateway: router.gateway !== undefined });
      await this.#forgetOutside(newAddresses, router.id);
    });
  }

  removeRouter(id: string): Promise<void> {
    return this.#serial.run(id, async () => {
      await removeNamespace(routerNamespace(id), `router ${id}`);
      this.#routers.delete(id);
    });
  }

  ensureLoadBalancer(loadBalancer: WantedLoadBalancer): Promise<void> {
    const { id } = loadBalancer;
    return this.#serial.run(id, async () => {
      const wanted = loadBalancerWanted(loadBalancer, (networkId) => this.#mtuOf(networkId, `load balancer ${id}`));
      const known = this.#loadBalancers.get(id) ?? this.#newLoadBalancer(wanted);
      this.#loadBalancers.set(id, known);
      await openNamespace(wanted);
      const rules = doorRules(loadBalancer);
      if (rules !== known.rules) await runInside(wanted.name, ['nft', '-f', '-'], { stdin: rules, on: wanted.on });
      known.rules = rules;
      await ensureNamespace(wanted);
      await known.relay.apply(relayListeners(loadBalancer));
    });
  }

  removeLoadBalancer(id: string): Promise<void> {
    return this.#serial.run(id, async () => {
      await this.#loadBalancers.get(id)?.relay.stop();
      await removeNamespace(loadBalancerNamespace(id), `load balancer ${id}`);
      this.#loadBalancers.delete(id);
    });
  }

  onHealth(listener: HealthListener): void {
    this.#listeners.add(listener);
  }

  /** Takes everything away again, the external bridge last. */
  async stop(): Promise<void> {
    await this.#serial.idle();
    await Promise.all([...this.#loadBalancers.keys()].map((id) => this.removeLoadBalancer(id)));
    await Promise.all([...this.#routers.keys()].map((id) => this.removeRouter(id)));
    await Promise.all([...this.#networks.keys()].map((id) => this.removeNetwork(id)));
    await removeExternalBridge();
  }

  /** How much there is, for `keelson status`. */
  counts(): { networks: number; routers: number; loadBalancers: number } {
    return { networks: this.#networks.size, routers: this.#routers.size, loadBalancers: this.#loadBalancers.size };
  }

  #mtuOf(networkId: string, on: string): number {
    const network = this.#networks.get(networkId);
    if (!network) throw new NetworkError('NETWORK_UNKNOWN', `${on}: network ${networkId} was never made; call ensureNetwork first`);
    return network.mtu;
  }

  #newLoadBalancer({ name, on }: WantedNamespace): KnownLoadBalancer {
    const relay = new RelayProcess({ namespace: name, on, onHealth: (member, state) => { this.#tell(member, state); }, onTrouble: this.#onTrouble });
    return { relay, rules: undefined };
  }

  #tell(memberId: string, state: 'ONLINE' | 'ERROR'): void {
    for (const listener of this.#listeners) listener(memberId, state);
  }

  async #forgetOutside(addresses: readonly string[], exceptRouter: string): Promise<void> {
    if (addresses.length === 0) return;
    await forgetNeighbours(addresses, externalBridge);
    const others = [...this.#routers].filter(([id, router]) => id !== exceptRouter && router.hasGateway);
    await Promise.all(others.map(([id]) => forgetNeighbours(addresses, gatewayDevice, routerNamespace(id))));
  }
}
