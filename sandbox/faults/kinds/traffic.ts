/** Faults that are dropped packets: a node or a zone cut off, a link cut, an MTU black hole, loss. Each says which packets; `packet-filter.ts` drops them. */
import { FaultError } from '../errors.ts';
import type { Server } from '../ground.ts';
import type { Drop, Drops } from '../packet-filter.ts';
import type { Plan, Planner, Workshop } from '../plan.ts';
import { endNamed, isServer, serverNamed, zoneNamed } from '../targets.ts';

type Direction = Drop['direction'];
const ways = (direction: 'both' | Direction): readonly Direction[] => (direction === 'both' ? ['in', 'out'] : [direction]);
const words = { both: 'both ways', in: 'what it should receive', out: 'what it sends' } as const;

/** A server without its network. */
export const node: Planner<'node'> = ({ target, direction }, id, workshop) => {
  const server = serverNamed(target, workshop.ground);
  return dropping(workshop, id, {
    summary: `${server.name} is cut off from its network (${words[direction]})`,
    servers: [server.id],
    drops: () => at(server, ways(direction), {}),
  });
};

/** All servers of a zone reach each other, and nothing else reaches them; servers that are booted there later are cut off too. */
export const zone: Planner<'zone'> = ({ target }, id, workshop) => {
  const name = zoneNamed(target, workshop.ground);
  const inside = (servers: readonly Server[]): Server[] => servers.filter((server) => server.zone === name);
  const members = inside(workshop.ground.servers());
  return dropping(workshop, id, {
    summary: `zone ${name} is cut off: ${members.map((server) => server.name).join(', ') || 'no server yet'}`,
    servers: members.map((server) => server.id),
    drops: (servers) => {
      const exceptPeers = inside(servers).flatMap((server) => server.addresses);
      return inside(servers).flatMap((server) => at(server, ways('both'), { exceptPeers }));
    },
  });
};

/** Packets from one end to the other, and back unless it is one way. One end at least is a server. */
export const link: Planner<'link'> = ({ from, to, oneWay }, id, workshop) => {
  const [source, destination] = [endNamed(from, workshop.ground), endNamed(to, workshop.ground)];
  if (!isServer(source) && !isServer(destination)) throw new FaultError('FAULT_BAD_PARAMETER', `link ${from} ${to}: one end must be a server; there are ${workshop.ground.servers().map((server) => server.name).join(', ')}`);
  if (source.name === destination.name) throw new FaultError('FAULT_BAD_PARAMETER', `link ${from} ${to}: both ends are ${source.name}; a link has two`);
  const current = (end: typeof source, servers: readonly Server[]): typeof source => (isServer(end) ? (servers.find((server) => server.id === end.id) ?? end) : end);
  return dropping(workshop, id, {
    summary: oneWay ? `nothing from ${source.name} reaches ${destination.name}; the other way is open` : `${source.name} and ${destination.name} do not reach each other`,
    servers: [source, destination].filter(isServer).map((server) => server.id),
    drops: (servers) => {
      const [a, b] = [current(source, servers), current(destination, servers)];
      return [...oneDirection(a, b), ...(oneWay ? [] : oneDirection(b, a))];
    },
  });
};

/** Packets that are too long vanish without a word, as behind a tunnel whose ICMP is filtered. */
export const mtu: Planner<'mtu'> = ({ target, bytes }, id, workshop) => {
  const server = serverNamed(target, workshop.ground);
  return dropping(workshop, id, {
    summary: `packets of ${server.name} longer than ${bytes} bytes vanish (${words.both})`,
    servers: [server.id],
    drops: () => at(server, ways('both'), { longerThan: bytes }),
  });
};

/** A share of the packets, by chance. */
export const loss: Planner<'loss'> = ({ target, percent, direction }, id, workshop) => {
  const server = serverNamed(target, workshop.ground);
  return dropping(workshop, id, {
    summary: `${server.name} loses ${percent} % of its packets (${words[direction]})`,
    servers: [server.id],
    drops: () => at(server, ways(direction), { percent }),
  });
};

function at(server: Server, directions: readonly Direction[], what: Omit<Drop, 'tap' | 'direction'>): Drop[] {
  return server.ports.flatMap(({ tap }) => directions.map((direction) => ({ tap, direction, ...what })));
}

/** At the sender where that is a server, else at the receiver. */
function oneDirection(from: ReturnType<typeof endNamed>, to: ReturnType<typeof endNamed>): Drop[] {
  if (isServer(from)) return at(from, ['out'], { peers: to.addresses });
  return isServer(to) ? at(to, ['in'], { peers: from.addresses }) : [];
}

function dropping({ filter }: Workshop, id: string, { summary, servers, drops }: { readonly summary: string; readonly servers: readonly string[]; readonly drops: Drops }): Plan {
  return {
    summary, servers,
    apply: () => filter.add(id, drops),
    observe: async () => {
      const packets = await filter.dropped(id);
      return `${packets} ${packets === 1 ? 'packet' : 'packets'} dropped`;
    },
    undo: async () => {
      await filter.remove(id);
      return undefined;
    },
  };
}
