/**
 * All packets that active faults take away, as one nft table of family bridge in the namespace of the bridges: every frame of a server
 * passes there, nothing inside the server shows it, and a server that reboots comes back under the same rules. Without faults there is no table.
 */
import type { Ground, Server } from './ground.ts';

/** Packets that are dropped at a device on a bridge. What is not named matches everything. */
export interface Drop {
  readonly tap: string;
  /** `out` leaves the server, `in` reaches it. */
  readonly direction: 'in' | 'out';
  /** Only packets from or to these addresses or ranges: all of IPv4, or all of IPv6. */
  readonly peers?: readonly string[];
  /** Only packets of these addresses' family whose other end is none of them. */
  readonly exceptPeers?: readonly string[];
  /** Only packets longer than this many bytes, IP header included. */
  readonly longerThan?: number;
  readonly percent?: number;
}

/** Worked out anew whenever the table is written, so that servers that came later are covered. */
export type Drops = (servers: readonly Server[]) => readonly Drop[];

export const filterTable = 'keelson_faults';

export class PacketFilter {
  readonly #ground: Ground;
  readonly #faults = new Map<string, Drops>();
  #isWritten = false;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  add(fault: string, drops: Drops): Promise<void> {
    this.#faults.set(fault, drops);
    return this.write();
  }

  async remove(fault: string): Promise<void> {
    this.#faults.delete(fault);
    await this.write();
  }

  /** One transaction: the table as it should be now. Counters start at zero. */
  async write(): Promise<void> {
    const servers = this.#ground.servers();
    const drops = new Map([...this.#faults].map(([fault, of]) => [fault, of(servers)] as const));
    if (this.#faults.size === 0 && !this.#isWritten) return;
    await this.#ground.run('nft', ['-f', '-'], filterText(drops));
    this.#isWritten = this.#faults.size > 0;
  }

  /** Packets that a fault took away since the table was last written. */
  async dropped(fault: string): Promise<number> {
    if (!this.#isWritten) return 0;
    return droppedIn(await this.#ground.run('nft', ['-j', 'list', 'table', 'bridge', filterTable]), fault);
  }
}

/** The table as an nft script that replaces what is there. */
export function filterText(faults: ReadonlyMap<string, readonly Drop[]>): string {
  const replace = `table bridge ${filterTable}\ndelete table bridge ${filterTable}\n`;
  if (faults.size === 0) return replace;
  const rules = (direction: Drop['direction']): string => [...faults].flatMap(([fault, drops]) => drops.filter((drop) => drop.direction === direction).map((drop) => `    ${rule(drop)} counter drop comment "${fault}"\n`)).join('');
  return `${replace}table bridge ${filterTable} {
  chain leaving {
    type filter hook prerouting priority -400; policy accept;
${rules('out')}  }
  chain arriving {
    type filter hook postrouting priority 400; policy accept;
${rules('in')}  }
}
`;
}

function rule({ tap, direction, peers, exceptPeers, longerThan, percent }: Drop): string {
  const family = [...(peers ?? []), ...(exceptPeers ?? [])].some((address) => address.includes(':')) ? 'ip6' : 'ip';
  const other = `${family} ${direction === 'out' ? 'daddr' : 'saddr'}`;
  return [
    `${direction === 'out' ? 'iifname' : 'oifname'} "${tap}"`,
    ...(peers ? [`${other} ${set(peers)}`] : []),
    ...(exceptPeers && exceptPeers.length > 0 ? [`${other} != ${set(exceptPeers)}`] : []),
    ...(longerThan === undefined ? [] : [`meta length > ${longerThan}`]),
    ...(percent === undefined || percent === 100 ? [] : [`numgen random mod 100000 < ${Math.round(percent * 1000)}`]),
  ].join(' ');
}

function set(addresses: readonly string[]): string {
  return `{ ${[...new Set(addresses)].join(', ')} }`;
}

interface NftRule { readonly comment?: string; readonly expr?: readonly { readonly counter?: { readonly packets: number } }[] }

function droppedIn(json: string, fault: string): number {
  const { nftables } = JSON.parse(json) as { nftables: readonly { readonly rule?: NftRule }[] };
  return nftables.flatMap(({ rule: found }) => (found?.comment === fault ? (found.expr ?? []) : [])).reduce((sum, { counter }) => sum + (counter?.packets ?? 0), 0);
}
