/**
 * The field: nodes in zones as network namespaces, DNS pods, time servers, a Service address for each, and faults that
 * come and go. Programs of a test run in nodes; start reading at `Field.start`.
 */
import { join } from 'node:path';
import { filterText } from '../../../../sandbox/faults/packet-filter.ts';
import { delay } from './delay.ts';
import { dropsOf, named, type Fault } from './faults.ts';
import type { DnsLie, Zone } from './liars/dns-server.ts';
import type { NtpLie } from './liars/ntp-server.ts';
import { hostLines, hostsOf, ntpAddresses, rootLines, serviceRules, topology, type Host, type Topology } from './topology.ts';
import { World } from './world.ts';

/** A program that runs in every node, as a DaemonSet's pod does. */
export interface NodeProgram {
  readonly name: string;
  argv(node: Host): readonly string[];
  /** What it prints when it serves. */
  readonly ready: string;
}

/** Names that the field's DNS pods know. */
export const zone: Zone = {
  'kubernetes.default.svc.cluster.local.': { a: ['10.202.0.1'], aaaa: ['fd00:202::1'] },
  'giantswarm.io.': { a: ['192.0.2.80'], aaaa: ['2001:db8::80'] },
};

export interface Injected {
  readonly fault: Fault;
  heal(): Promise<void>;
}

export class Field {
  readonly world = new World();
  readonly topology: Topology;
  readonly #programs: NodeProgram[] = [];
  readonly #active = new Set<Fault>();

  constructor(perZone?: number) {
    this.topology = topology(perZone);
  }

  get nodes(): readonly Host[] {
    return this.topology.nodes;
  }

  /** Makes the network and starts its servers. On failure nothing is left. */
  async start(): Promise<void> {
    try {
      await this.world.run(['ip', '-batch', '-'], { stdin: `${rootLines(this.topology).join('\n')}\n` });
      await Promise.all(hostsOf(this.topology).map((host) => this.world.run(['ip', '-n', host.name, '-batch', '-'], { stdin: `${hostLines(host).join('\n')}\n` })));
      await Promise.all(this.nodes.map((node) => this.world.run(['nft', '-f', '-'], { netns: node.name, stdin: serviceRules(this.topology) })));
      await Promise.all([
        ...this.topology.dns.map((host) => this.#liar(host, ['dns', JSON.stringify(zone), '53', host.address, host.address6])),
        this.#liar(this.topology.ntp, ['ntp', '123', ...ntpAddresses, this.topology.ntp.address6]),
      ]);
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /** Everything goes: programs, namespaces, faults. */
  end(): Promise<void> {
    return this.world.end();
  }

  /** Starts the program in all nodes; resolves when each serves. */
  async run(program: NodeProgram): Promise<void> {
    this.#programs.push(program);
    await Promise.all(this.nodes.map((node) => this.#startIn(node, program)));
  }

  /** Resolves when the fault is there; it stays until it is healed. */
  async inject(fault: Fault): Promise<Injected> {
    this.#active.add(fault);
    const undo = await this.#begin(fault);
    return {
      fault,
      heal: async () => {
        if (!this.#active.delete(fault)) return;
        await this.#filter();
        await undo();
      },
    };
  }

  /** Lies of a DNS pod (`dns-1`) or of the time servers (`time`); none is the truth again. */
  async lie(host: string, lies: readonly (DnsLie | NtpLie)[]): Promise<void> {
    const before = [...(await this.world.ask('output', { name: host })).matchAll(/^lies (\d+)$/gm)].length;
    await this.world.ask('tell', { name: host, line: JSON.stringify(lies) });
    await this.world.ask('says', { name: host, pattern: `^lies ${before + 1}$` });
  }

  async #begin(fault: Fault): Promise<() => Promise<void>> {
    const { world } = this;
    await this.#filter();
    switch (fault.kind) {
      case 'node dead': {
        const node = named(this.nodes, fault.node);
        await Promise.all(this.#programs.map((program) => world.ask('end', { name: nameIn(node, program), signal: 'SIGKILL' })));
        return async () => { await Promise.all(this.#programs.map((program) => this.#startIn(node, program))); };
      }
      case 'latency':
        return (await delay(world, named(this.nodes, fault.node), fault.ms)).heal;
      case 'slow resolver': {
        const tell = async (lies: readonly DnsLie[]): Promise<void> => { await Promise.all(this.topology.dns.map((host) => this.lie(host.name, lies))); };
        await tell([{ protocol: fault.protocol, delayMs: fault.ms }]);
        return () => tell([]);
      }
      case 'clock off': {
        const { address, address6 } = named(this.nodes, fault.node);
        // The node's clock is ahead where everybody else's, the servers', is behind.
        await this.lie('time', [{ to: [address, address6], offsetSeconds: -fault.seconds }]);
        return () => this.lie('time', []);
      }
      default:
        return () => Promise.resolve();
    }
  }

  async #filter(): Promise<void> {
    const drops = new Map([...this.#active].map((fault, i) => [`${i} ${fault.kind}`, dropsOf(fault, this.topology)] as const));
    await this.world.run(['nft', '-f', '-'], { stdin: filterText(drops) });
  }

  async #startIn(node: Host, program: NodeProgram): Promise<void> {
    const name = nameIn(node, program);
    await this.world.ask('start', { name, argv: program.argv(node), netns: node.name });
    await this.world.ask('says', { name, pattern: program.ready, timeoutMs: 60_000 });
  }

  async #liar(host: Host, args: readonly string[]): Promise<void> {
    const main = join(import.meta.dirname, 'liars/main.ts');
    await this.world.ask('start', { name: host.name, argv: [process.execPath, '--disable-warning=ExperimentalWarning', main, ...args], netns: host.name });
    await this.world.ask('says', { name: host.name, pattern: '^up$', timeoutMs: 30_000 });
  }
}

/** What the world calls a program of a node. */
export const nameIn = (node: Pick<Host, 'name'>, program: Pick<NodeProgram, 'name'>): string => `${program.name}@${node.name}`;
