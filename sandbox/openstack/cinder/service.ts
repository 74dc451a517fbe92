/** Cinder v3: block storage. */
import type { Core } from '../core.ts';
import { badRequest, type ApiError } from '../errors.ts';
import { versionHeaders } from '../http/microversion.ts';
import { ok, type ApiRequest, type ApiResponse, type Route, type Service } from '../http/service.ts';
import { keystoneError } from '../keystone/service.ts';
import { attachmentRoutes } from './attachments.ts';
import { backupRoutes } from './backups.ts';
import { microversion, volume } from './microversion.ts';
import { quotaRoutes } from './quotas.ts';
import { snapshotRoutes } from './snapshots.ts';
import { transferRoutes } from './transfers.ts';
import { typeRoutes } from './types.ts';
import { volumeActionRoutes } from './volume-actions.ts';
import type { VolumeLife } from './volume-life.ts';
import { volumeRoutes } from './volumes.ts';

/** The name a refusal goes by (`cinder/api/openstack/wsgi.py`, `Fault`). */
const faultNames: Readonly<Record<number, string>> = {
  400: 'badRequest', 401: 'unauthorized', 403: 'forbidden', 404: 'itemNotFound', 405: 'badMethod', 409: 'conflictingRequest', 413: 'overLimit', 415: 'badMediaType',
  429: 'overLimit', 501: 'notImplemented', 503: 'serviceUnavailable',
};

export function cinder(core: Core, life: VolumeLife): Service {
  const routes = [
    ...volumeRoutes(core, life), ...volumeActionRoutes(core, life), ...snapshotRoutes(core, life), ...attachmentRoutes(core, life), ...transferRoutes(core, life),
    ...backupRoutes(), ...typeRoutes(core), ...quotaRoutes(core),
  ].map(guarded);
  return { name: 'volumev3', routes: [...versionRoutes(), ...routes], renderError, resume: () => { life.resume(); }, headers: ({ headers }) => ({ 'content-type': 'application/json', ...versionHeaders(headers, volume) }) };
}

/** The project in the path must be the token's. */
function guarded(route: Route): Route {
  return { ...route, handle: (request: ApiRequest): ApiResponse | Promise<ApiResponse> => {
    microversion(request.headers);
    if (request.params['project'] !== request.caller.projectId) throw badRequest('Malformed request url');
    return route.handle(request);
  } };
}

function versionRoutes(): Route[] {
  const v3 = (request: ApiRequest): object => ({
    id: 'v3.0', status: 'CURRENT', version: `3.${volume.maxMinor}`, min_version: '3.0', updated: '2022-08-31T00:00:00Z',
    links: [{ rel: 'describedby', type: 'text/html', href: 'https://docs.openstack.org/' }, { rel: 'self', href: `${request.baseUrl}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.volume+json;version=3' }],
  });
  return [
    { method: 'GET', path: '/', isOpen: true, handle: (request) => ({ status: 300, body: { versions: [v3(request)] } }) },
    { method: 'GET', path: '/v3', isOpen: true, handle: (request) => ok({ versions: [v3(request)] }) },
  ];
}

function renderError(error: ApiError, request: Pick<ApiRequest, 'headers'>): ApiResponse {
  const plain = { 'openstack-api-version': '', vary: '' };
  if (error.status === 401) {
    const refused = keystoneError(error, request);
    return { ...refused, headers: { ...refused.headers, ...plain } };
  }
  if (error.code === 'HTTPNotFound') {
    return { status: 404, headers: plain, body: { message: `${error.message}<br /><br />\n\n\n`, code: '404 Not Found', title: 'Not Found' } };
  }
  const fault = { code: error.status, message: error.message, ...(error.status === 413 ? { retryAfter: '0' } : {}) };
  return { status: error.status, body: { [faultNames[error.status] ?? 'computeFault']: fault } };
}
