/** A router's way to the outside. */
import type { Core } from '../core.ts';
import { badRequest, conflict } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { visibleNetwork } from './networks.ts';
import { deletePort, makePort, type WantedIp } from './port-life.ts';
import type { RouterRecord } from './records.ts';
import { gatewayPortOf } from './router-ports.ts';

/** Sets, moves or (null, or no network) takes away the gateway. @throws ApiError 409 while floating IPs need it, 400 for a network that is not external */
export function setGateway(core: Core, router: RouterRecord, sent: unknown, caller: Caller): void {
  const info = asRecord(sent);
  const before = gatewayPortOf(core, router.id);
  if (sent === null || info['network_id'] === undefined) {
    if (Object.values(core.state.neutron.floatingIps).some((ip) => ip.router_id === router.id)) {
      throw conflict('RouterExternalGatewayInUseByFloatingIp', `Gateway cannot be updated for router ${router.id}, since a gateway to external network ${router.external_gateway_info?.network_id ?? ''} is required by one or more floating IPs.`);
    }
    if (before) deletePort(core, before);
    router.external_gateway_info = null;
    return;
  }
  const network = visibleNetwork(core, info['network_id'], caller);
  if (!network['router:external']) throw badRequest(`Bad router request: Network ${network.id} is not an external network.`, 'BadRequest');
  const isSnat = typeof info['enable_snat'] === 'boolean' ? info['enable_snat'] : (router.external_gateway_info?.enable_snat ?? true);
  const wanted = info['external_fixed_ips'] as WantedIp[] | undefined;
  const isSameNetwork = before?.network_id === network.id;
  if (before && (!isSameNetwork || wanted)) deletePort(core, before);
  const port = before && isSameNetwork && !wanted ? before : makePort(core, {
    networkId: network.id, projectId: '', deviceOwner: 'network:router_gateway', deviceId: router.id, ...(wanted ? { fixedIps: wanted } : {}),
  });
  router.external_gateway_info = { network_id: network.id, enable_snat: isSnat, external_fixed_ips: port.fixed_ips };
  router.revision_number += 1;
}
