/** One address before several replicas, as a Service is: a connection goes to one that says it is ready. Plain TCP; TLS is the replicas' own. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { TopologyExtension } from '../../../provisioner/topology/extension/run.ts';

export interface OneAddress {
  readonly port: number;
  /** Connections that found nobody ready. */
  readonly unanswered: () => number;
  add(replica: TopologyExtension): void;
  remove(replica: TopologyExtension): void;
  stop(): Promise<void>;
}

export async function oneAddress(): Promise<OneAddress> {
  const replicas = new Set<TopologyExtension>();
  const open = new Set<Socket>();
  let unanswered = 0;
  let turn = 0;
  const isReady = async ({ ports }: TopologyExtension): Promise<boolean> => (await fetch(`http://127.0.0.1:${ports.health}/readyz`).catch(() => undefined))?.ok === true;
  const server = createServer((client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    void (async () => {
      const asked = await Promise.all([...replicas].map(async (replica) => ((await isReady(replica)) ? [replica] : [])));
      const ready = asked.flat();
      const chosen = ready[turn++ % Math.max(ready.length, 1)];
      if (!chosen) {
        unanswered++;
        return void client.destroy();
      }
      const upstream = connect(chosen.ports.hooks, '127.0.0.1');
      upstream.on('error', () => client.destroy());
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      client.pipe(upstream).pipe(client);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    unanswered: () => unanswered,
    add: (replica) => void replicas.add(replica),
    remove: (replica) => void replicas.delete(replica),
    stop: () => new Promise((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => resolve());
    }),
  };
}
