/** Trunks: a parent port that carries its subports' networks as VLANs. Stored and listed; the fabric tags nothing. */
import type { Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { asRecord, isRecord, type JsonObject } from '../http/json.ts';
import { ok, type ApiRequest, type Caller, type Route } from '../http/service.ts';
import { anything, flag, repr, uuidText, type AttributeMap } from './attributes.ts';
import { find, findOwn, type Collection } from './collection.ts';
import { checkNoDevice } from './port-life.ts';
import { checkQuota } from './quotas.ts';
import type { PortRecord, SubportRecord, TrunkRecord } from './records.ts';
import { assign, newStandard, standardAttributes, standardView, touch } from './standard.ts';

const attributes: AttributeMap = {
  ...standardAttributes,
  port_id: { on: 'c', check: uuidText, isRequired: true },
  admin_state_up: { on: 'cu', check: flag },
  sub_ports: { on: 'c', check: anything },
};

export function trunks(core: Core): Collection<TrunkRecord> {
  const table = core.state.neutron.trunks;
  return {
    path: 'trunks', plural: 'trunks', singular: 'trunk', attributes,
    notFound: { code: 'TrunkNotFound', message: (id) => `Trunk ${id} could not be found.` },
    table: () => table,
    view,
    create: (given, caller) => {
      const port = ownPort(core, String(given['port_id']), caller);
      checkFree(core, port);
      checkQuota(core, caller.projectId, 'trunk');
      const trunk: TrunkRecord = { ...newStandard(core, given, caller.projectId), port_id: port.id, admin_state_up: given['admin_state_up'] !== false, status: 'ACTIVE', sub_ports: [] };
      addSubports(core, trunk, given['sub_ports'] ?? [], caller);
      table[trunk.id] = trunk;
      return trunk;
    },
    update: (trunk, given) => assign(core, trunk, given, ['admin_state_up']),
    remove: (trunk) => {
      for (const one of trunk.sub_ports) release(core, one);
      Reflect.deleteProperty(table, trunk.id);
    },
  };
}

export function trunkActionRoutes(core: Core): Route[] {
  const collection = trunks(core);
  const path = '/v2.0/trunks/:id';
  const change = (request: ApiRequest, act: (trunk: TrunkRecord, sent: unknown) => void) => {
    const trunk = findOwn(collection, request, 'update');
    if (!trunk.admin_state_up) throw conflict('TrunkDisabled', `Trunk ${trunk.id} is currently disabled.`);
    act(trunk, asRecord(request.body)['sub_ports']);
    touch(core, trunk);
    // The answer shows the trunk while the agents do their work.
    return ok({ ...view(trunk), status: 'DOWN' });
  };
  return [
    { method: 'GET', path: `${path}/get_subports`, handle: (request) => ok({ sub_ports: find(collection, request).sub_ports }) },
    { method: 'PUT', path: `${path}/add_subports`, handle: (request) => change(request, (trunk, sent) => addSubports(core, trunk, sent, request.caller)) },
    { method: 'PUT', path: `${path}/remove_subports`, handle: (request) => change(request, (trunk, sent) => removeSubports(core, trunk, sent)) },
  ];
}

/** The trunk that holds this port, as a parent or as a subport. */
export function trunkOf(core: Core, portId: string): { trunk: TrunkRecord; isParent: boolean } | undefined {
  for (const trunk of Object.values(core.state.neutron.trunks)) {
    if (trunk.port_id === portId) return { trunk, isParent: true };
    if (trunk.sub_ports.some((one) => one.port_id === portId)) return { trunk, isParent: false };
  }
  return undefined;
}

/** @throws ApiError 409 when a trunk needs the port */
export function checkNotTrunked(core: Core, portId: string): void {
  const held = trunkOf(core, portId);
  if (held?.isParent) throw conflict('PortInUseAsTrunkParent', `Port ${portId} is currently a parent port for trunk ${held.trunk.id}.`);
  if (held) throw conflict('PortInUseAsSubPort', `Port ${portId} is currently a subport for trunk ${held.trunk.id}.`);
}

/** What a parent port shows of its trunk. */
export function trunkDetails(core: Core, portId: string): JsonObject {
  const held = trunkOf(core, portId);
  if (!held?.isParent) return {};
  const { ports } = core.state.neutron;
  return { trunk_details: { trunk_id: held.trunk.id, sub_ports: held.trunk.sub_ports.map((one) => ({ ...one, mac_address: ports[one.port_id]?.mac_address ?? null })) } };
}

function addSubports(core: Core, trunk: TrunkRecord, sent: unknown, caller: Caller): void {
  const wanted = (Array.isArray(sent) ? sent as unknown[] : []).map((one) => subport(core, trunk, one, caller));
  for (const one of wanted) {
    trunk.sub_ports.push(one);
    const port = core.state.neutron.ports[one.port_id];
    if (port) port.device_owner = 'trunk:subport';
  }
}

function subport(core: Core, trunk: TrunkRecord, sent: unknown, caller: Caller): SubportRecord {
  const given = isRecord(sent) ? sent : {};
  const { segmentation_type: type, segmentation_id: id } = given;
  if (type === undefined || id === undefined) {
    throw invalid(`Invalid subport details '${repr(given)}': missing segmentation information. Must specify both segmentation_id and segmentation_type`);
  }
  if (typeof id !== 'number' || id < 1 || id > 4094) throw invalid(`Segmentation ID '${String(id)}' is not in range`);
  const port = ownPort(core, String(given['port_id']), caller);
  if (port.id === trunk.port_id) throw inUse(port);
  const held = trunkOf(core, port.id);
  if (held) throw conflict('TrunkPortInUse', `Port ${port.id} is in use by another trunk.`);
  checkNoDevice(port);
  if (trunk.sub_ports.some((one) => one.segmentation_id === id && one.segmentation_type === type)) {
    throw conflict('DuplicateSubPort', `segmentation_type ${String(type)} and segmentation_id ${id} already in use on trunk ${trunk.id}.`);
  }
  return { port_id: port.id, segmentation_type: String(type), segmentation_id: id };
}

function removeSubports(core: Core, trunk: TrunkRecord, sent: unknown): void {
  const ids = (Array.isArray(sent) ? sent as unknown[] : []).map((one) => String(asRecord(one)['port_id']));
  for (const id of ids) {
    if (!trunk.sub_ports.some((one) => one.port_id === id)) throw notFound('SubPortNotFound', `SubPort ${id} on trunk ${trunk.id} could not be found.`);
  }
  for (const one of trunk.sub_ports) if (ids.includes(one.port_id)) release(core, one);
  trunk.sub_ports = trunk.sub_ports.filter((one) => !ids.includes(one.port_id));
}

function release(core: Core, one: SubportRecord): void {
  const port = core.state.neutron.ports[one.port_id];
  if (port) port.device_owner = '';
}

function ownPort(core: Core, id: string, caller: Caller): PortRecord {
  const port = core.state.neutron.ports[id];
  if (!port || (!caller.isAdmin && port.project_id !== caller.projectId)) throw notFound('PortNotFound', `Port ${id} could not be found.`);
  return port;
}

function checkFree(core: Core, port: PortRecord): void {
  const held = trunkOf(core, port.id);
  if (held?.isParent || port.device_id !== '') throw inUse(port);
  if (held) throw conflict('TrunkPortInUse', `Port ${port.id} is in use by another trunk.`);
}

function inUse(port: PortRecord): Error {
  return conflict('ParentPortInUse', `Port ${port.id} is currently in use and is not eligible for use as a parent port.`);
}

function invalid(why: string): Error {
  return badRequest(`Invalid input for operation: ${why}.`, 'InvalidInput');
}

function view(trunk: TrunkRecord): JsonObject {
  const { port_id, admin_state_up, status, sub_ports } = trunk;
  return { ...standardView(trunk), port_id, admin_state_up, status, sub_ports };
}
