/** Cinder's quotas and limits. */
import type { Core } from '../core.ts';
import { ApiError, badRequest, forbidden } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';

/** Wider than Cinder's 10, 10 and 1000: a fleet of a few clusters has to fit. Gigabytes are those of volumes and snapshots together. */
const defaults: Readonly<Record<string, number>> = {
  volumes: 100, snapshots: 100, gigabytes: 10_000, per_volume_gigabytes: -1, backups: 10, backup_gigabytes: 1000, groups: 10,
};

interface Wanted {
  readonly volumes?: number;
  readonly snapshots?: number;
  readonly gigabytes?: number;
}

/** @throws ApiError 413 when this would be too much */
export function checkQuota(core: Core, projectId: string, wanted: Wanted): void {
  const limits = limitsOf(core, projectId);
  const inUse = usage(core, projectId);
  const isOver = (name: keyof Wanted): boolean => {
    const limit = limits[name] ?? -1;
    return limit >= 0 && (inUse[name] ?? 0) + (wanted[name] ?? 0) > limit;
  };
  if (wanted.gigabytes !== undefined && isOver('gigabytes')) {
    throw overLimit(`VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. Requested ${wanted.gigabytes}G, quota is ${limits['gigabytes']}G and ${inUse['gigabytes']}G has been consumed.`);
  }
  if (wanted.volumes !== undefined && isOver('volumes')) throw overLimit(`VolumeLimitExceeded: Maximum number of volumes allowed (${limits['volumes']}) exceeded for quota 'volumes'.`);
  if (wanted.snapshots !== undefined && isOver('snapshots')) throw overLimit(`SnapshotLimitExceeded: Maximum number of snapshots allowed (${limits['snapshots']}) exceeded`);
}

function overLimit(message: string): ApiError {
  return new ApiError(413, 'OverLimit', message);
}

export function quotaRoutes(core: Core): Route[] {
  const path = '/v3/:project/os-quota-sets/:of';
  return [
    { method: 'GET', path: '/v3/:project/limits', handle: (request) => {
      const limits = limitsOf(core, request.caller.projectId);
      const inUse = usage(core, request.caller.projectId);
      return ok({ limits: { rate: [], absolute: {
        maxTotalVolumes: limits['volumes'], maxTotalSnapshots: limits['snapshots'], maxTotalVolumeGigabytes: limits['gigabytes'], maxTotalBackups: limits['backups'],
        maxTotalBackupGigabytes: limits['backup_gigabytes'], totalVolumesUsed: inUse['volumes'], totalSnapshotsUsed: inUse['snapshots'],
        totalGigabytesUsed: inUse['gigabytes'], totalBackupsUsed: 0, totalBackupGigabytesUsed: 0,
      } } });
    } },
    { method: 'GET', path, handle: (request) => {
      const project = mayShow(request);
      const limits = limitsOf(core, project);
      if (!['true', 'True', '1'].includes(request.query.get('usage') ?? '')) return ok({ quota_set: { id: project, ...limits } });
      const inUse = usage(core, project);
      const detailed = Object.entries(limits).map(([name, limit]) => [name, { in_use: inUse[name] ?? 0, limit, reserved: 0 }]);
      return ok({ quota_set: { id: project, ...Object.fromEntries(detailed) as object } });
    } },
    { method: 'GET', path: `${path}/defaults`, handle: (request) => ok({ quota_set: { id: mayShow(request), ...all(core, {}) } }) },
    { method: 'PUT', path, handle: (request) => {
      onlyAdmin(request, 'update');
      const project = request.params['of'] ?? '';
      const sent = Object.entries(asRecord(asRecord(request.body)['quota_set'])).filter(([name]) => name !== 'tenant_id');
      const known = all(core, {});
      const unknown = sent.filter(([name]) => !(name in known)).map(([name]) => name);
      if (unknown.length > 0) throw badRequest(`Bad key(s) in quota set: ${unknown.join(', ')}`);
      core.state.cinder.quotas[project] = { ...core.state.cinder.quotas[project], ...Object.fromEntries(sent.map(([name, value]) => [name, Number(value)])) };
      return ok({ quota_set: limitsOf(core, project) });
    } },
    { method: 'DELETE', path, handle: (request) => {
      onlyAdmin(request, 'delete');
      Reflect.deleteProperty(core.state.cinder.quotas, request.params['of'] ?? '');
      return { status: 200 };
    } },
  ];
}

function mayShow(request: ApiRequest): string {
  const project = request.params['of'] ?? '';
  if (!request.caller.isAdmin && request.caller.projectId !== project) throw forbidden("Policy doesn't allow volume_extension:quotas:show to be performed.");
  return project;
}

function onlyAdmin(request: ApiRequest, action: string): void {
  if (!request.caller.isAdmin) throw forbidden(`Policy doesn't allow volume_extension:quotas:${action} to be performed.`);
}

function limitsOf(core: Core, projectId: string): Record<string, number> {
  return all(core, core.state.cinder.quotas[projectId] ?? {});
}

/** Every type has limits of its own, which are none unless set. */
function all(core: Core, set: Readonly<Record<string, number>>): Record<string, number> {
  const ofTypes = Object.values(core.state.cinder.types).flatMap(({ name }) => ['volumes', 'snapshots', 'gigabytes'].map((what) => [`${what}_${name}`, -1] as const));
  return { ...defaults, ...Object.fromEntries(ofTypes), ...set };
}

function usage(core: Core, projectId: string): Record<string, number> {
  const { volumes, snapshots, types } = core.state.cinder;
  const inUse: Record<string, number> = { volumes: 0, snapshots: 0, gigabytes: 0 };
  const add = (what: string, typeId: string, size: number): void => {
    const type = types[typeId]?.name ?? '';
    for (const [name, more] of [[what, 1], ['gigabytes', size], [`${what}_${type}`, 1], [`gigabytes_${type}`, size]] as const) inUse[name] = (inUse[name] ?? 0) + more;
  };
  for (const one of Object.values(volumes)) if (one.project_id === projectId) add('volumes', one.volume_type_id, one.extending?.size ?? one.size);
  for (const one of Object.values(snapshots)) if (one.project_id === projectId) add('snapshots', volumes[one.volume_id]?.volume_type_id ?? '', one.size);
  return inUse;
}
