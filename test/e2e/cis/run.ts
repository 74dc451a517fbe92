/** Every check on every node of a workload cluster. */
import { load } from 'js-yaml';
import { WorldClient } from '../../../sandbox/world/client.ts';
import { eventually, type Keelson } from '../keelson.ts';
import { isControlPlane, serverOf, Workload } from '../machines.ts';
import { controlPlaneChecks, nodeChecks } from './checks.ts';
import { factsScript, readFacts } from './facts.ts';

/** Waits until none fails: a scheduler that has just lost its lease is started anew, and is no process meanwhile. @throws with what fails after a minute */
export async function hardened(keelson: Keelson, atLeast: number): Promise<void> {
  await eventually('no check of the CIS benchmark fails', 60_000, async () => {
    const { fails, passed } = await runChecks(keelson);
    if (fails.length > 0 || passed <= atLeast) throw new Error([`${passed} checks passed`, ...fails].join('\n'));
    return true;
  });
}

/** "name of the machine: 1.2.3 what: what is wrong", and how many checks were run. */
async function runChecks(keelson: Keelson): Promise<{ fails: string[]; passed: number }> {
  const world = new WorldClient(keelson.state);
  const fails: string[] = [];
  let passed = 0;
  for (const machine of await new Workload(keelson).machines()) {
    const { stdout } = await world.exec(serverOf(machine), { argv: ['sh', '-c', factsScript] });
    const facts = readFacts(stdout, (yaml) => load(yaml));
    for (const { id, what, wrong } of [...(isControlPlane(machine) ? controlPlaneChecks : []), ...nodeChecks]) {
      const found = wrong(facts);
      if (found === undefined) passed++;
      else fails.push(`${machine.metadata.name}: ${id} ${what}: ${found}`);
    }
  }
  return { fails, passed };
}
