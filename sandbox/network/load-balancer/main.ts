/**
 * The relay process of one load balancer, run inside its network namespace. Configurations come as JSON lines on standard
 * input, answers go to standard output; it ends when its input ends, so it cannot outlive the fabric.
 */
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import type { Configuration, RelayEvent } from './protocol.ts';
import { Relay } from './relay.ts';

const tell = (event: RelayEvent): void => { process.stdout.write(`${JSON.stringify(event)}\n`); };
const relay = new Relay((member, state) => { tell({ event: 'health', member, state }); });

// Relays are killed, and a killed process writes no cache (NODE_COMPILE_CACHE, when the world sets it).
flushCompileCache();
process.stdout.on('error', () => process.exit(0));
for await (const line of createInterface({ input: process.stdin })) {
  const configuration = JSON.parse(line) as Configuration;
  tell({ event: 'applied', revision: configuration.revision, failures: await relay.apply(configuration) });
}
process.exit(0);
