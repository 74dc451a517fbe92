/** What there must never be two of in a cloud: whoever tries a creation again looks for it by name first. */
import type { Running } from './fixture.ts';

/** Two of one kind and one name. The cloud's own ports have none. */
export function doubled({ cloud }: Running): string[] {
  const { neutron, nova, octavia } = cloud.state;
  const tables = { server: nova.servers, group: nova.serverGroups, network: neutron.networks, subnet: neutron.subnets, port: neutron.ports, router: neutron.routers, loadbalancer: octavia.loadBalancers, listener: octavia.listeners, pool: octavia.pools };
  return Object.entries(tables).flatMap(([kind, table]) => {
    const names = (Object.values(table) as { name: string }[]).map(({ name }) => name).filter((name) => name !== '');
    return names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${kind} ${name}`);
  });
}
