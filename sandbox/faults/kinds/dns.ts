/**
 * Names do not resolve: packets to and from port 53 are dropped inside the server, where pods of one node ask each other too.
 * A table of its own there, beside kube-proxy's.
 */
import type { Ground, Server } from '../ground.ts';
import type { Planner } from '../plan.ts';
import { serverNamed } from '../targets.ts';

const table = 'keelson_faults_dns';
/** Before conntrack and kube-proxy's translation (NF_IP_PRI_RAW is -300), and a Service's address is as good as a pod's. */
const script = `table inet ${table}
delete table inet ${table}
table inet ${table} {
  chain arriving {
    type filter hook prerouting priority -310; policy accept;
    udp dport 53 counter drop
    tcp dport 53 counter drop
  }
  chain leaving {
    type filter hook output priority -310; policy accept;
    udp dport 53 counter drop
    tcp dport 53 counter drop
  }
}
`;

export const dns: Planner<'dns'> = ({ target }, _id, { ground }) => {
  const servers = target === undefined ? ground.servers().filter((server) => server.isRunning) : [serverNamed(target, ground)];
  const broken = new Map(servers.map((server) => [server.id, server]));
  return {
    summary: `nothing resolves names on ${servers.map((server) => server.name).join(', ')}`,
    servers: [...broken.keys()],
    apply: async () => {
      await Promise.all(servers.map((server) => nft(ground, server, ['-f', '-'], script)));
    },
    observe: async () => {
      const counts = await Promise.all(running(ground, [...broken.values()]).map(async (server) => countIn(await nft(ground, server, ['-j', 'list', 'table', 'inet', table]))));
      return `${counts.reduce((sum, count) => sum + count, 0)} queries dropped`;
    },
    undo: async () => {
      await Promise.all(running(ground, [...broken.values()]).map((server) => nft(ground, server, ['-f', '-'], `table inet ${table}\ndelete table inet ${table}\n`)));
      return undefined;
    },
    reapply: async (serverId) => {
      const server = broken.get(serverId);
      if (server) await nft(ground, server, ['-f', '-'], script);
    },
  };
};

/** A server that does not run any more took its table along. */
function running(ground: Ground, servers: readonly Server[]): Server[] {
  const alive = new Set(ground.servers().filter((server) => server.isRunning).map((server) => server.id));
  return servers.filter((server) => alive.has(server.id));
}

async function nft(ground: Ground, server: Server, args: readonly string[], stdin = ''): Promise<string> {
  const { status, stdout, stderr } = await ground.exec(server.id, ['nft', ...args], { stdin });
  if (status !== 0) throw new Error(`server ${server.name}: nft ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}

function countIn(json: string): number {
  const { nftables } = JSON.parse(json) as { nftables: readonly { readonly rule?: { readonly expr: readonly { readonly counter?: { readonly packets: number } }[] } }[] };
  return nftables.flatMap(({ rule }) => rule?.expr ?? []).reduce((sum, { counter }) => sum + (counter?.packets ?? 0), 0);
}
