/** The table of all kinds: what → how it is worked out. */
import type { Plan, Planner, Workshop } from '../plan.ts';
import type { FaultRequest, What } from '../request.ts';
import { api } from './api.ts';
import { cert } from './cert.ts';
import { clock } from './clock.ts';
import { dns } from './dns.ts';
import { latency } from './latency.ts';
import { machine } from './machine.ts';
import { process } from './process.ts';
import { link, loss, mtu, node, zone } from './traffic.ts';

const planners: { readonly [W in What]: Planner<W> } = { api, cert, clock, dns, latency, link, loss, machine, mtu, node, process, zone };

/** @throws FaultError for targets and parameters that make no sense here */
export async function planOf(request: FaultRequest, id: string, workshop: Workshop): Promise<Plan> {
  // Each planner is for the request of its own name; the table's type says so, an index over a union cannot.
  return (planners[request.what] as Planner<What>)(request as never, id, workshop);
}
