/** `POST /servers`: what is asked for, checked before anything is made. */
import { timestamp, type Core } from '../core.ts';
import { ApiError, badRequest, conflict, notFound } from '../errors.ts';
import { asRecord, asString, asStrings, isRecord, type JsonObject } from '../http/json.ts';
import type { ApiRequest, Caller } from '../http/service.ts';
import { isUuid, repr } from '../neutron/attributes.ts';
import { makePort } from '../neutron/port-life.ts';
import { isLent } from '../neutron/rbac-policies.ts';
import type { PortRecord } from '../neutron/records.ts';
import { defaultSecurityGroup } from '../neutron/security-groups.ts';
import { microversion } from './microversion.ts';
import { bootPlan } from './block-devices.ts';
import { checkGroupQuota, checkQuota } from './quotas.ts';
import type { FlavorRecord, ServerRecord } from './records.ts';
import { openZones } from './scheduler.ts';
import { newServerId } from './server-life.ts';
import type { ServerVolumes } from './server-volumes.ts';

/** Nova's limit on user data, in base64 characters. */
const maxUserData = 65_535;

/** @returns the record of the new server, its ports claimed. @throws ApiError 400, 403 (quota), 404, 409 as Nova does */
export function createServer(core: Core, request: ApiRequest, volumes: ServerVolumes): ServerRecord {
  const body = asRecord(request.body);
  const sent = body['server'];
  if (!isRecord(sent)) throw badRequest("'server' is a required property");
  checkShape(sent, microversion(request.headers));
  const flavor = wantedFlavor(core, sent);
  const plan = bootPlan(core, sent, request.caller);
  const zone = wantedZone(core, sent['availability_zone']);
  const keyName = wantedKey(core, sent['key_name'], request.caller);
  const groupId = wantedGroup(core, asRecord(body['os:scheduler_hints'] ?? body['OS-SCH-HNT:scheduler_hints']));
  const claims = wantedPorts(core, sent['networks'], request.caller);
  checkQuota(core, request.caller.projectId, flavor);
  const now = timestamp(core);
  const server: ServerRecord = {
    id: newServerId(core), name: asString(sent['name']), hostname: hostnameOf(asString(sent['name'])),
    description: typeof sent['description'] === 'string' ? sent['description'] : null,
    project_id: request.caller.projectId, user_id: request.caller.userId,
    flavorId: flavor.id, imageId: plan.imageId, imageName: plan.imageName, zone, host: '',
    userData: asString(sent['user_data']), configDrive: sent['config_drive'] === true || sent['config_drive'] === 'true' || sent['config_drive'] === 'True',
    keyName, metadata: asRecord(sent['metadata']) as Record<string, string>, tags: asStrings(sent['tags']), serverGroupId: groupId,
    vmState: 'building', taskState: 'scheduling', powerState: 0, locked: false, createdAt: now, updatedAt: now, launchedAt: null, ownPorts: [],
    volumes: [...plan.volumes], reservationId: `r-${newServerId(core).slice(0, 8)}`,
  };
  volumes.reserveAll(server);
  for (const claim of claims) claimPort(core, server, claim);
  core.state.nova.servers[server.id] = server;
  return server;
}

/** The parts of Nova's JSON schema that clients run into. */
function checkShape(sent: JsonObject, minor: number): void {
  for (const name of ['name', 'flavorRef']) {
    if (sent[name] === undefined) throw badRequest(`Invalid input for field/attribute server. Value: ${repr(sent)}. '${name}' is a required property`);
  }
  if (minor >= 37 && sent['networks'] === undefined) {
    throw badRequest(`Invalid input for field/attribute server. Value: ${repr(sent)}. 'networks' is a required property`);
  }
  if (asString(sent['user_data']).length > maxUserData) throw badRequest(`Invalid input for field/attribute user_data. Value: … is too long`);
  if (sent['tags'] !== undefined && minor < 52) {
    throw badRequest(`Invalid input for field/attribute server. Value: ${repr(sent)}. Additional properties are not allowed ('tags' was unexpected)`);
  }
}

function wantedFlavor(core: Core, sent: JsonObject): FlavorRecord {
  const id = asString(sent['flavorRef']).split('/').at(-1) ?? '';
  const flavor = core.state.nova.flavors[id];
  if (!flavor) throw badRequest(`Flavor ${id} could not be found.`);
  return flavor;
}

/** Empty: the scheduler chooses. */
function wantedZone(core: Core, sent: unknown): string {
  const zone = asString(sent).split(':')[0] ?? '';
  if (zone !== '' && !openZones(core).has(zone)) throw badRequest('The requested availability zone is not available');
  return zone;
}

function wantedKey(core: Core, sent: unknown, caller: Caller): string | null {
  if (sent === undefined || sent === null) return null;
  if (!core.state.nova.keypairs[`${caller.userId}/${asString(sent)}`]) throw badRequest('Invalid key_name provided.');
  return asString(sent);
}

function wantedGroup(core: Core, hints: JsonObject): string | null {
  if (hints['group'] === undefined) return null;
  const id = asString(hints['group']);
  if (!isUuid(id)) throw badRequest(`Invalid input for field/attribute group. Value: ${id}. '${id}' is not a 'uuid'`);
  const group = core.state.nova.serverGroups[id];
  if (!group) throw badRequest(`Instance group ${id} could not be found.`);
  checkGroupQuota(core, group);
  return id;
}

type Claim = { readonly port: PortRecord } | { readonly networkId: string; readonly address?: string };

function wantedPorts(core: Core, sent: unknown, caller: Caller): Claim[] {
  if (sent === 'none') return [];
  if (sent === undefined || sent === 'auto') return automaticNetwork(core, caller);
  if (!Array.isArray(sent)) throw badRequest("Invalid input for field/attribute networks.");
  return sent.map((one) => wantedPort(core, asRecord(one), caller));
}

function automaticNetwork(core: Core, caller: Caller): Claim[] {
  const own = Object.values(core.state.neutron.networks).filter((network) => network.project_id === caller.projectId && !network['router:external']);
  if (own.length > 1) throw conflict('conflictingRequest', 'Multiple possible networks found, use a Network ID to be more specific.');
  return own.map((network) => ({ networkId: network.id }));
}

function wantedPort(core: Core, sent: JsonObject, caller: Caller): Claim {
  if (typeof sent['port'] === 'string') {
    const port = core.state.neutron.ports[sent['port']];
    if (!port || (!caller.isAdmin && port.project_id !== caller.projectId)) throw badRequest(`Port id ${sent['port']} could not be found.`);
    if (port.device_id !== '') throw conflict('conflictingRequest', `Port ${port.id} is still in use.`);
    if (port.fixed_ips.length === 0) throw badRequest(`Port ${port.id} requires a FixedIP in order to be used.`);
    return { port };
  }
  const id = asString(sent['uuid']);
  const network = core.state.neutron.networks[id];
  if (!network || (!caller.isAdmin && network.project_id !== caller.projectId && !network.shared && !isLent(core, network, caller))) throw badRequest(`Network ${id} could not be found.`);
  const hasSubnet = Object.values(core.state.neutron.subnets).some((subnet) => subnet.network_id === id);
  if (!hasSubnet) throw badRequest(`Network ${id} requires a subnet in order to boot instances on.`);
  return { networkId: id, ...(typeof sent['fixed_ip'] === 'string' ? { address: sent['fixed_ip'] } : {}) };
}

/** Nova claims ports while it builds; here at once, so that two servers cannot ask for one port. */
function claimPort(core: Core, server: ServerRecord, claim: Claim): void {
  if ('port' in claim) {
    claim.port.device_id = server.id;
    return;
  }
  const port = makePort(core, {
    networkId: claim.networkId, projectId: server.project_id, deviceId: server.id, portSecurity: true,
    securityGroups: [defaultSecurityGroup(core, server.project_id).id], ...(claim.address === undefined ? {} : { fixedIps: [{ ip_address: claim.address }] }),
  });
  server.ownPorts.push(port.id);
}

/** Nova's host name of a display name: letters, digits, dots and dashes, 63 characters. */
function hostnameOf(name: string): string {
  return name.replace(/[ _]/g, '-').replace(/[^\w.-]+/g, '').toLowerCase().replace(/^[.-]+|[.-]+$/g, '').slice(0, 63);
}

/** The server the caller means. @throws ApiError 404 */
export function findServer(core: Core, request: ApiRequest): ServerRecord {
  const id = request.params['id'] ?? '';
  const server = core.state.nova.servers[id];
  if (!server || (!request.caller.isAdmin && server.project_id !== request.caller.projectId)) {
    throw notFound('itemNotFound', `Instance ${id} could not be found.`);
  }
  return server;
}

/** @throws ApiError 409 with Nova's wording for a server in the wrong state. */
export function wrongState(server: ServerRecord, action: string): ApiError {
  const [what, state] = server.taskState === null ? ['vm_state', server.vmState] : ['task_state', server.taskState];
  return conflict('conflictingRequest', `Cannot '${action}' instance ${server.id} while it is in ${what} ${state}`);
}
