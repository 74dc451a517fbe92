/** Nova: servers and what they are made from. */
import type { Core } from '../core.ts';
import type { ApiError } from '../errors.ts';
import { versionHeaders } from '../http/microversion.ts';
import type { ApiRequest, ApiResponse, Service } from '../http/service.ts';
import { keystoneError } from '../keystone/service.ts';
import { flavorRoutes } from './flavors.ts';
import { hostRoutes } from './hosts.ts';
import { keypairRoutes } from './keypairs.ts';
import { compute, microversion } from './microversion.ts';
import { quotaRoutes } from './quotas.ts';
import { serverActionRoutes } from './server-actions.ts';
import { serverGroupRoutes } from './server-groups.ts';
import type { ServerLife } from './server-life.ts';
import { serverRoutes } from './servers.ts';
import { versionRoutes } from './versions.ts';
import { volumeAttachmentRoutes } from './volume-attachments.ts';

/** The name a refusal goes by (`nova/api/openstack/wsgi.py`, `Fault`). */
const faultNames: Readonly<Record<number, string>> = {
  400: 'badRequest', 401: 'unauthorized', 403: 'forbidden', 404: 'itemNotFound', 405: 'badMethod', 409: 'conflictingRequest', 413: 'overLimit', 415: 'badMediaType',
  429: 'overLimit', 501: 'notImplemented', 503: 'serviceUnavailable',
};

export function nova(core: Core, life: ServerLife): Service {
  const routes = [
    ...flavorRoutes(core), ...serverRoutes(core, life), ...serverActionRoutes(core, life), ...volumeAttachmentRoutes(core, life.volumes), ...hostRoutes(core), ...keypairRoutes(core), ...serverGroupRoutes(core), ...quotaRoutes(core),
  ].map((route) => ({
    ...route,
    handle: (request: ApiRequest): ApiResponse | Promise<ApiResponse> => {
      microversion(request.headers);
      return route.handle(request);
    },
  }));
  return { name: 'compute', routes: [...versionRoutes(), ...routes], renderError, resume: () => { life.resume(); }, headers: ({ headers }) => ({ 'content-type': 'application/json', ...versionHeaders(headers, compute) }) };
}

function renderError(error: ApiError, request: Pick<ApiRequest, 'headers'>): ApiResponse {
  if (error.status === 401) return beforeNova(keystoneError(error, request));
  return { status: error.status, body: { [faultNames[error.status] ?? 'computeFault']: { code: error.status, message: error.message } } };
}

/** What the authentication filter answers has no microversion. */
function beforeNova(response: ApiResponse): ApiResponse {
  return { ...response, headers: { ...response.headers, 'openstack-api-version': '', 'x-openstack-nova-api-version': '', vary: '' } };
}
