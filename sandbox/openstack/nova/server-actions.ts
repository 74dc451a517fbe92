/** Actions on servers and their interfaces. */
import type { Core } from '../core.ts';
import { badRequest, notFound } from '../errors.ts';
import { asRecord, type JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type ApiResponse, type Route } from '../http/service.ts';
import { touch } from '../neutron/standard.ts';
import type { ServerRecord } from './records.ts';
import { findServer, wrongState } from './server-create.ts';
import { portsOf, type ServerLife } from './server-life.ts';

const accepted: ApiResponse = { status: 202 };

export function serverActionRoutes(core: Core, life: ServerLife): Route[] {
  return [
    { method: 'POST', path: '/v2.1/servers/:id/action', handle: (request) => act(core, life, request) },
    { method: 'GET', path: '/v2.1/servers/:id/os-interface', handle: (request) => {
      const server = findServer(core, request);
      return ok({ interfaceAttachments: portsOf(core, server.id).map((port) => ({
        port_id: port.id, net_id: port.network_id, mac_addr: port.mac_address, port_state: port.status,
        fixed_ips: port.fixed_ips.map((ip) => ({ subnet_id: ip.subnet_id, ip_address: ip.ip_address })),
      })) });
    } },
    { method: 'DELETE', path: '/v2.1/servers/:id/os-interface/:port', handle: (request) => {
      const server = findServer(core, request);
      const port = portsOf(core, server.id).find((one) => one.id === request.params['port']);
      if (!port) throw notFound('itemNotFound', `Port id ${request.params['port'] ?? ''} could not be found.`);
      Object.assign(port, { device_id: '', device_owner: '', status: 'DOWN', 'binding:host_id': '' });
      touch(core, port);
      return accepted;
    } },
  ];
}

async function act(core: Core, life: ServerLife, request: ApiRequest): Promise<ApiResponse> {
  const [action, ...more] = Object.keys(asRecord(request.body));
  const server = findForAction(core, request, action);
  if (action === undefined || more.length > 0) throw badRequest('There is no such action: ' + [action, ...more].join(', '));
  const given = asRecord(asRecord(request.body)[action]);
  switch (action) {
    case 'reboot': return reboot(core, life, server, given);
    case 'os-stop':
      if (server.vmState !== 'active' || server.taskState !== null) throw wrongState(server, 'stop');
      life.power(server, 'powering-off', () => core.hypervisor.stopServer(server.id), { vmState: 'stopped', powerState: 4 });
      return accepted;
    case 'os-start':
      if (server.vmState !== 'stopped' || server.taskState !== null) throw wrongState(server, 'start');
      life.power(server, 'powering-on', () => core.hypervisor.startServer(server.id), { vmState: 'active', powerState: 1 });
      return accepted;
    case 'os-getConsoleOutput': {
      const length = given['length'];
      const lines = length === undefined || length === null ? undefined : Number(length);
      const output = await core.hypervisor.consoleLog(server.id, ...(lines === undefined || lines < 0 ? [] : [lines]));
      return ok({ output });
    }
    case 'lock': case 'unlock':
      server.locked = action === 'lock';
      return accepted;
    default: throw badRequest(`There is no such action: ${action}`);
  }
}

function reboot(core: Core, life: ServerLife, server: ServerRecord, given: JsonObject): ApiResponse {
  const kind = String(given['type']).toUpperCase();
  if (kind !== 'SOFT' && kind !== 'HARD') {
    throw badRequest(`Invalid input for field/attribute type. Value: ${String(given['type'])}. '${String(given['type'])}' is not one of ['HARD', 'Hard', 'hard', 'SOFT', 'Soft', 'soft']`);
  }
  const mayReboot = server.vmState === 'active' || (kind === 'HARD' && server.vmState === 'stopped');
  if (!mayReboot || server.taskState !== null) throw wrongState(server, 'reboot');
  life.power(server, kind === 'SOFT' ? 'rebooting' : 'rebooting_hard', () => core.hypervisor.reboot(server.id, kind), { vmState: 'active', powerState: 1 });
  return accepted;
}

/** Power actions look a server up another way, and say so when there is none. */
function findForAction(core: Core, request: ApiRequest, action: string | undefined): ServerRecord {
  try {
    return findServer(core, request);
  } catch (error) {
    if (action !== 'os-start' && action !== 'os-stop') throw error;
    throw notFound('itemNotFound', `Instance ${request.params['id'] ?? ''} has no mapping to a cell.`);
  }
}
