/** The ports that make a router: one per interface, one for its gateway. */
import type { Core } from '../core.ts';
import type { PortRecord } from './records.ts';

/** The interface ports of a router, not its gateway. */
export function interfacesOf(core: Core, routerId: string): PortRecord[] {
  return Object.values(core.state.neutron.ports).filter((port) => port.device_id === routerId && port.device_owner === 'network:router_interface');
}

export function gatewayPortOf(core: Core, routerId: string): PortRecord | undefined {
  return Object.values(core.state.neutron.ports).find((port) => port.device_id === routerId && port.device_owner === 'network:router_gateway');
}
