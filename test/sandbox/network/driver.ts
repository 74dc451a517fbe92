/** Runs a NetworkFabric inside a world of its own (started there by lab.ts) and does what JSON lines on its standard input ask. */
import { createInterface } from 'node:readline';
import { attempt } from '../../../sandbox/network/command.ts';
import { NetworkFabric } from '../../../sandbox/network/fabric.ts';

interface Ask { id: number; method: string; args: unknown[] }

const fabric = new NetworkFabric({ onTrouble: (error) => { console.error(error.message); } });
const tell = (message: unknown): void => { process.stdout.write(`${JSON.stringify(message)}\n`); };
fabric.onHealth((member, state) => { tell({ health: { member, state } }); });

const methods: Record<string, (...args: never[]) => unknown> = {
  start: () => fabric.start(),
  stop: () => fabric.stop(),
  counts: () => fabric.counts(),
  ensureNetwork: (...args) => fabric.ensureNetwork(...(args as unknown as Parameters<NetworkFabric['ensureNetwork']>)),
  removeNetwork: (id: string) => fabric.removeNetwork(id),
  ensureRouter: (...args) => fabric.ensureRouter(...(args as unknown as Parameters<NetworkFabric['ensureRouter']>)),
  removeRouter: (id: string) => fabric.removeRouter(id),
  ensureLoadBalancer: (...args) => fabric.ensureLoadBalancer(...(args as unknown as Parameters<NetworkFabric['ensureLoadBalancer']>)),
  removeLoadBalancer: (id: string) => fabric.removeLoadBalancer(id),
  sh: (script: string) => attempt('bash', ['-c', script], { timeoutMs: 30_000 }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, args } = JSON.parse(line) as Ask;
  void (async () => {
    try {
      tell({ id, value: (await methods[method]!(...(args as never[]))) ?? null });
    } catch (error) {
      tell({ id, error: { message: (error as Error).message, code: (error as { code?: string }).code } });
    }
  })();
}
process.exit(0);
