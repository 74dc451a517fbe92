/**
 * The pod network of one server: a veth pair per pod, routed, no bridge. The node's end has the gateway address of the podCIDR
 * and a host route to the pod (as the ptp plugin of containernetworking does), so that Services work without br_netfilter.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { run } from './command.ts';
import { RuntimeError } from './errors.ts';
import { networkSize, nodeTable, nthAddress, type HostPort } from './node-table.ts';

export interface PodNetworkOptions {
  /** Where the podCIDR is kept: the kubelet tells it once per change, and the runtime may be restarted in between. */
  readonly stateDir: string;
  readonly device: string;
}

export class PodNetwork {
  readonly #options: PodNetworkOptions;
  readonly #used = new Map<string, string>();
  readonly #hostPorts = new Map<string, readonly HostPort[]>();
  #podCidr: string | undefined;
  #last = 1;
  #pending: Promise<unknown> = Promise.resolve();

  constructor(options: PodNetworkOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    if (existsSync(this.#file)) this.#podCidr = readFileSync(this.#file, 'utf8');
    if (this.isReady) await this.#writeTable();
  }

  get isReady(): boolean {
    return this.#podCidr !== undefined;
  }

  /** @param podCidrs as the kubelet has them: one per IP family, comma-separated; the IPv4 one is used */
  async setPodCidr(podCidrs: string): Promise<void> {
    const cidr = podCidrs.split(',').find((candidate) => /^[\d.]+\/\d+$/.test(candidate));
    if (cidr === undefined || cidr === this.#podCidr) return;
    mkdirSync(this.#options.stateDir, { recursive: true });
    writeFileSync(this.#file, cidr);
    this.#podCidr = cidr;
    await this.#writeTable();
  }

  /** Gives the pod's network namespace an eth0 and an address. Throws UNAVAILABLE until the podCIDR is known. */
  async attach(podId: string, namespace: string, ports: readonly Omit<HostPort, 'podIp'>[]): Promise<string> {
    const address = this.#allocate(podId);
    const gateway = nthAddress(this.#podCidr ?? '', 1);
    const device = nodeDevice(podId);
    await run('ip', ['-batch', '-'], { stdin: lines([
      `link add name ${device} type veth peer name eth0 netns ${namespace}`,
      `address add ${gateway}/32 dev ${device}`,
      `link set dev ${device} up`,
      `route replace ${address}/32 dev ${device} src ${gateway}`,
    ]) });
    await run('nsenter', [`--net=/run/netns/${namespace}`, 'ip', '-batch', '-'], { stdin: lines([
      'link set dev lo up',
      `address add ${address}/32 dev eth0`,
      'link set dev eth0 up',
      `route add ${gateway}/32 dev eth0 scope link`,
      `route add default via ${gateway} dev eth0`,
    ]) });
    if (ports.length > 0) {
      this.#hostPorts.set(podId, ports.map((port) => ({ ...port, podIp: address })));
      await this.#writeTable();
    }
    return address;
  }

  /** Frees the pod's address and host ports. Its devices go with its network namespace. */
  async detach(podId: string): Promise<void> {
    for (const [address, owner] of this.#used) if (owner === podId) this.#used.delete(address);
    if (this.#hostPorts.delete(podId)) await this.#writeTable();
  }

  get #file(): string {
    return `${this.#options.stateDir}/pod-cidr`;
  }

  /** Round robin, so that an address rests before its next use: conntrack and neighbours remember the last owner. */
  #allocate(podId: string): string {
    if (this.#podCidr === undefined) throw new RuntimeError('UNAVAILABLE', 'the node has no podCIDR yet');
    const size = networkSize(this.#podCidr);
    for (let tried = 0; tried < size; tried++) {
      this.#last = this.#last + 1 >= size - 1 ? 2 : this.#last + 1;
      const address = nthAddress(this.#podCidr, this.#last);
      if (this.#used.has(address)) continue;
      this.#used.set(address, podId);
      return address;
    }
    throw new RuntimeError('UNAVAILABLE', `no free address in ${this.#podCidr}`);
  }

  /** One transaction at a time; each writes the table as it should be by then. */
  #writeTable(): Promise<void> {
    const written = this.#pending.then(async () => {
      const { device } = this.#options;
      const found = JSON.parse(await run('ip', ['-j', '-4', 'address', 'show', 'dev', device])) as { addr_info?: { local: string; prefixlen: number }[] }[];
      const addresses = found.flatMap((link) => link.addr_info ?? []).map((info) => `${info.local}/${info.prefixlen}`);
      await run('nft', ['-f', '-'], { stdin: nodeTable({ podCidr: this.#podCidr ?? '', device, addresses, hostPorts: [...this.#hostPorts.values()].flat() }) });
    });
    this.#pending = written.catch(() => undefined);
    return written;
  }
}

/** The node's end of a pod's veth pair. */
function nodeDevice(podId: string): string {
  return `pod${podId.slice(0, 11)}`;
}

function lines(commands: readonly string[]): string {
  return `${commands.join('\n')}\n`;
}
