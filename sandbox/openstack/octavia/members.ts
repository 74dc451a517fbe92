/** Members of a pool, one by one and all at once. */
import { newId, type Core } from '../core.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type ApiResponse, type Route } from '../http/service.ts';
import { parseAddress } from '../neutron/addresses.ts';
import { bodyOf, OctaviaBody, type BodyShape } from './body.ts';
import { findMember, findPool, parentOf } from './find.ts';
import { octaviaList } from './listing.ts';
import { begin, checkMutable, membersOf, monitorOf, octaviaTime } from './provisioning.ts';
import { checkQuota } from './quotas.ts';
import type { MemberRecord, PoolRecord } from './records.ts';
import { memberView } from './views.ts';

const memberBody: BodyShape = {
  key: 'member', argument: 'member_',
  attributes: ['name', 'admin_state_up', 'address', 'protocol_port', 'weight', 'backup', 'subnet_id', 'project_id', 'tenant_id', 'monitor_address', 'monitor_port', 'tags', 'vnic_type'],
};
const filters = ['address', 'protocol_port', 'weight', 'subnet_id', 'backup'];
const path = '/v2.0/lbaas/pools/:pool/members';

export function memberRoutes(core: Core): Route[] {
  const poolOf = (request: ApiRequest): PoolRecord => poolAbove(core, request);
  const find = (request: ApiRequest): MemberRecord => findMember(core, poolOf(request).id, request.params['id'] ?? '', request.caller);
  return [
    { method: 'GET', path, handle: (request) => ok(octaviaList('members', membersOf(core, poolOf(request).id).map(memberView), request, filters)) },
    { method: 'POST', path, handle: (request) => {
      const pool = poolOf(request);
      const body = bodyOf(request, memberBody);
      const lb = parentOf(core, pool);
      body.required('address');
      body.number('protocol_port', { min: 1, max: 65535 });
      checkMutable(lb);
      checkQuota(core, lb.project_id, 'member');
      const member = addMember(core, pool, body);
      begin(core, lb, [{ record: member, status: 'PENDING_CREATE' }, { record: pool, status: 'PENDING_UPDATE' }]);
      return ok({ member: memberView(member) }, 201);
    } },
    { method: 'PUT', path, handle: (request) => replaceAll(core, poolOf(request), request) },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ member: memberView(find(request)) }) },
    { method: 'PUT', path: `${path}/:id`, handle: (request) => {
      const member = find(request);
      const lb = parentOf(core, member);
      const body = bodyOf(request, memberBody);
      checkMutable(lb);
      update(core, member, body);
      begin(core, lb, [{ record: member, status: 'PENDING_UPDATE' }]);
      return ok({ member: memberView(member) });
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const member = find(request);
      const lb = parentOf(core, member);
      checkMutable(lb);
      begin(core, lb, [{ record: member, status: 'PENDING_DELETE' }]);
      return noContent;
    } },
  ];
}

/** @throws ApiError 409 when address and port are taken in this pool, 400 for a bad address */
export function addMember(core: Core, pool: PoolRecord, body: OctaviaBody): MemberRecord {
  const address = body.required('address');
  const port = body.number('protocol_port', { min: 1, max: 65535 });
  if (!parseAddress(address)) throw badRequest(`Invalid input for field/attribute address. Value: '${address}'. Value should be IPv4 or IPv6 format`);
  if (membersOf(core, pool.id).some((other) => other.address === address && other.protocol_port === port && other.provisioning_status !== 'PENDING_DELETE')) {
    throw conflict('Duplicate', `Another member on this pool is already using ip ${address} on protocol_port ${port}`);
  }
  const member: MemberRecord = {
    id: newId(core), pool_id: pool.id, name: body.text('name'), project_id: pool.project_id, provisioning_status: 'PENDING_CREATE',
    operating_status: monitorOf(core, pool.id) ? 'OFFLINE' : 'NO_MONITOR',
    admin_state_up: body.flag('admin_state_up', true), tags: body.tags(), created_at: octaviaTime(core), updated_at: null, address, protocol_port: port,
    weight: body.number('weight', { min: 0, max: 256, fallback: 1 }), backup: body.flag('backup', false), subnet_id: body.textOrNull('subnet_id'),
    monitor_address: body.textOrNull('monitor_address'), monitor_port: body.has('monitor_port') ? body.number('monitor_port', { min: 1, max: 65535 }) : null,
  };
  core.state.octavia.members[member.id] = member;
  return member;
}

/** The list becomes the pool's members: same address and port are kept and updated, from their defaults; others come and go. */
function replaceAll(core: Core, pool: PoolRecord, request: ApiRequest): ApiResponse {
  const lb = parentOf(core, pool);
  const sent = asRecord(request.body)['members'];
  if (!Array.isArray(sent)) throw badRequest("Invalid input for field/attribute members. Value: 'None'. Mandatory field missing.");
  checkMutable(lb);
  const isAdditive = request.query.get('additive_only')?.toLowerCase() === 'true';
  const before = membersOf(core, pool.id);
  const kept: MemberRecord[] = [];
  const made: MemberRecord[] = [];
  for (const one of sent) {
    const body = new OctaviaBody(asRecord(one));
    const same = before.find((member) => member.address === body.text('address') && member.protocol_port === body.sent['protocol_port']);
    if (same) {
      Object.assign(same, { weight: 1, backup: false, monitor_address: null, monitor_port: null });
      update(core, same, body);
      kept.push(same);
    } else {
      made.push(addMember(core, pool, body));
    }
  }
  const gone = isAdditive ? [] : before.filter((member) => !kept.includes(member));
  begin(core, lb, [
    ...made.map((record) => ({ record, status: 'PENDING_CREATE' as const })), ...kept.map((record) => ({ record, status: 'PENDING_UPDATE' as const })),
    ...gone.map((record) => ({ record, status: 'PENDING_DELETE' as const })), { record: pool, status: 'PENDING_UPDATE' },
  ]);
  return { status: 202 };
}

function update(core: Core, member: MemberRecord, body: OctaviaBody): void {
  if (body.has('name')) member.name = body.text('name');
  if (body.has('weight')) member.weight = body.number('weight', { min: 0, max: 256, fallback: 1 });
  if (body.has('admin_state_up')) member.admin_state_up = body.flag('admin_state_up', true);
  if (body.has('backup')) member.backup = body.flag('backup', false);
  if (body.has('monitor_port')) member.monitor_port = body.sent['monitor_port'] === null ? null : body.number('monitor_port', { min: 1, max: 65535 });
  if (body.has('monitor_address')) member.monitor_address = body.textOrNull('monitor_address');
  if (body.has('tags')) member.tags = body.tags();
  member.updated_at = octaviaTime(core);
}

/** Members are looked up below their pool by another part of Octavia, whose refusal has another shape. @throws ApiError 404 */
function poolAbove(core: Core, request: ApiRequest): PoolRecord {
  const id = request.params['pool'] ?? '';
  if (!core.state.octavia.pools[id]) throw notFound('PoolAboveNotFound', `Pool ${id} not found.`);
  return findPool(core, id, request.caller);
}
