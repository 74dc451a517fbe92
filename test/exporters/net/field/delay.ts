/** Longer round trips of one host: netem at its tap where the kernel has it, else the detour through packet-delay that the sandbox's fault has. */
import { DelayLine } from '../../../../sandbox/faults/kinds/latency.ts';
import { join } from 'node:path';
import { toolsBin } from '../../../fixtures/tools-bin.ts';
import { bridgeOf, tapOf, type Host } from './topology.ts';
import type { World } from './world.ts';

/** @returns what heals it, and by which means it was done */
export async function delay(world: World, host: Host, roundTripMs: number): Promise<{ by: 'netem' | 'packet-delay'; heal: () => Promise<void> }> {
  const tap = tapOf(host);
  // What leaves the root by the tap is what the host receives: one direction is enough for the round trip.
  const netem = await world.ask('run', { argv: ['tc', 'qdisc', 'add', 'dev', tap, 'root', 'netem', 'delay', `${roundTripMs}ms`] });
  if (netem.kind === 'ok') return { by: 'netem', heal: async () => { await world.run(['tc', 'qdisc', 'del', 'dev', tap, 'root']); } };
  const name = `delay-${host.name}`;
  const line = new DelayLine({
    run: (command, args, stdin) => world.run([command, ...args], stdin === undefined ? {} : { stdin }),
    start: async (command, args) => {
      await world.ask('start', { name, argv: [join(toolsBin, command), ...args] });
      await world.ask('says', { name, pattern: 'ready' });
      return { stop: async () => { await world.ask('end', { name }); } };
    },
  }, { tap, bridge: bridgeOf(host) });
  await line.open(roundTripMs / 2, 0);
  return { by: 'packet-delay', heal: () => line.close() };
}
