/** Health monitors of pools. */
import { newId, type Core } from '../core.ts';
import { conflict } from '../errors.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { bodyOf, type BodyShape, type OctaviaBody } from './body.ts';
import { findMonitor, findPool, parentOf, sees } from './find.ts';
import { octaviaList } from './listing.ts';
import { begin, checkMutable, listenersOf, membersOf, monitorOf, octaviaTime } from './provisioning.ts';
import { checkMonitor } from './providers.ts';
import { checkQuota } from './quotas.ts';
import type { HealthMonitorRecord, PoolRecord } from './records.ts';
import { monitorView } from './views.ts';

const path = '/v2.0/lbaas/healthmonitors';
const monitorBody: BodyShape = {
  key: 'healthmonitor', argument: 'health_monitor_',
  attributes: [
    'name', 'type', 'delay', 'timeout', 'max_retries', 'max_retries_down', 'http_method', 'url_path', 'expected_codes', 'admin_state_up', 'project_id', 'tenant_id', 'pool_id',
    'tags', 'http_version', 'domain_name',
  ],
};
const filters = ['type', 'delay', 'timeout', 'max_retries', 'http_method', 'url_path', 'expected_codes'];
const types = ['HTTP', 'HTTPS', 'PING', 'SCTP', 'TCP', 'TLS-HELLO', 'UDP-CONNECT'];
const maxSeconds = 2 ** 31 - 1;

export function monitorRoutes(core: Core): Route[] {
  const find = (request: ApiRequest): HealthMonitorRecord => findMonitor(core, request.params['id'] ?? '', request.caller);
  return [
    { method: 'GET', path, handle: (request) => {
      const pool = request.query.get('pool_id');
      request.query.delete('pool_id');
      const mine = Object.values(core.state.octavia.healthMonitors).filter((one) => sees(one, request.caller) && (pool === null || one.pool_id === pool));
      return ok(octaviaList('healthmonitors', mine.map(monitorView), request, filters));
    } },
    { method: 'POST', path, handle: (request) => {
      const body = bodyOf(request, monitorBody);
      const type = body.oneOf('type', types);
      for (const name of ['delay', 'timeout'] as const) body.number(name, { min: 0, max: maxSeconds });
      body.number('max_retries', { min: 1, max: 10 });
      const pool = findPool(core, body.required('pool_id'), request.caller);
      const lb = parentOf(core, pool);
      checkMutable(lb);
      checkQuota(core, lb.project_id, 'healthmonitor');
      checkMonitor(lb.provider, type);
      const monitor = addMonitor(core, pool, body);
      const listeners = listenersOf(core, lb.id).filter((listener) => listener.default_pool_id === pool.id);
      begin(core, lb, [{ record: monitor, status: 'PENDING_CREATE' }, ...[pool, ...listeners].map((record) => ({ record, status: 'PENDING_UPDATE' as const }))]);
      return ok({ healthmonitor: monitorView(monitor) }, 201);
    } },
    { method: 'GET', path: `${path}/:id`, handle: (request) => ok({ healthmonitor: monitorView(find(request)) }) },
    { method: 'PUT', path: `${path}/:id`, handle: (request) => {
      const monitor = find(request);
      const lb = parentOf(core, monitor);
      const body = bodyOf(request, monitorBody);
      checkMutable(lb);
      update(core, monitor, body);
      begin(core, lb, [{ record: monitor, status: 'PENDING_UPDATE' }]);
      return ok({ healthmonitor: monitorView(monitor) });
    } },
    { method: 'DELETE', path: `${path}/:id`, handle: (request) => {
      const monitor = find(request);
      const lb = parentOf(core, monitor);
      checkMutable(lb);
      for (const member of membersOf(core, monitor.pool_id)) member.operating_status = 'NO_MONITOR';
      begin(core, lb, [{ record: monitor, status: 'PENDING_DELETE' }]);
      return noContent;
    } },
  ];
}

/** @throws ApiError 409 when the pool has one */
export function addMonitor(core: Core, pool: PoolRecord, body: OctaviaBody): HealthMonitorRecord {
  if (monitorOf(core, pool.id)) throw conflict('Duplicate', 'This pool already has a health monitor');
  const type = body.oneOf('type', types);
  const isHttp = type === 'HTTP' || type === 'HTTPS';
  const monitor: HealthMonitorRecord = {
    id: newId(core), pool_id: pool.id, name: body.text('name'), project_id: pool.project_id, provisioning_status: 'PENDING_CREATE', operating_status: 'OFFLINE',
    admin_state_up: body.flag('admin_state_up', true), tags: body.tags(), created_at: octaviaTime(core), updated_at: null, type,
    delay: body.number('delay', { min: 0, max: maxSeconds }), timeout: body.number('timeout', { min: 0, max: maxSeconds }),
    max_retries: body.number('max_retries', { min: 1, max: 10 }), max_retries_down: body.number('max_retries_down', { min: 1, max: 10, fallback: 3 }),
    http_method: body.textOrNull('http_method') ?? (isHttp ? 'GET' : null), url_path: body.textOrNull('url_path') ?? (isHttp ? '/' : null),
    expected_codes: body.textOrNull('expected_codes') ?? (isHttp ? '200' : null), http_version: null, domain_name: body.textOrNull('domain_name'),
  };
  core.state.octavia.healthMonitors[monitor.id] = monitor;
  return monitor;
}

function update(core: Core, monitor: HealthMonitorRecord, body: OctaviaBody): void {
  if (body.has('name')) monitor.name = body.text('name');
  if (body.has('delay')) monitor.delay = body.number('delay', { min: 0, max: maxSeconds });
  if (body.has('timeout')) monitor.timeout = body.number('timeout', { min: 0, max: maxSeconds });
  if (body.has('max_retries')) monitor.max_retries = body.number('max_retries', { min: 1, max: 10 });
  if (body.has('max_retries_down')) monitor.max_retries_down = body.number('max_retries_down', { min: 1, max: 10, fallback: 3 });
  if (body.has('url_path')) monitor.url_path = body.textOrNull('url_path');
  if (body.has('http_method')) monitor.http_method = body.textOrNull('http_method');
  if (body.has('expected_codes')) monitor.expected_codes = body.textOrNull('expected_codes');
  if (body.has('admin_state_up')) monitor.admin_state_up = body.flag('admin_state_up', true);
  if (body.has('tags')) monitor.tags = body.tags();
  monitor.updated_at = octaviaTime(core);
}
