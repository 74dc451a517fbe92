/** What ties a floating IP to a port, and what unties it. Kept apart from the API so that deleting a port can use it. */
import type { Core } from '../core.ts';
import type { FloatingIpRecord } from './records.ts';
import { touch } from './standard.ts';

/** The port goes or gives up its address: its floating IPs become free. */
export function disassociatePort(core: Core, portId: string): void {
  for (const floating of Object.values(core.state.neutron.floatingIps)) {
    if (floating.port_id === portId) disassociate(core, floating);
  }
}

/** The status follows when the router has let go. */
export function disassociate(core: Core, floating: FloatingIpRecord): void {
  const routerId = floating.router_id;
  floating.port_id = null;
  floating.fixed_ip_address = null;
  floating.router_id = null;
  touch(core, floating);
  if (routerId !== null) core.convergence.mark('router', routerId);
}
