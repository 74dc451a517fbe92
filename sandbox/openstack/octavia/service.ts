/** Octavia v2. */
import type { Core } from '../core.ts';
import { forbidden, type ApiError } from '../errors.ts';
import { ok, type ApiRequest, type ApiResponse, type Route, type Service } from '../http/service.ts';
import { keystoneError } from '../keystone/service.ts';
import { listenerRoutes } from './listeners.ts';
import { octaviaList } from './listing.ts';
import { loadBalancerRoutes } from './load-balancers.ts';
import { memberRoutes } from './members.ts';
import { monitorRoutes } from './monitors.ts';
import { poolRoutes } from './pools.ts';
import { providers } from './providers.ts';
import { quotaRoutes } from './quotas.ts';
import { versions } from './versions.ts';

/** Any of these may use load balancers at all. */
const roles = ['load-balancer_member', 'load-balancer_admin', 'load-balancer_observer', 'load-balancer_global_observer', 'admin'];

export function octavia(core: Core): Service {
  const routes = [
    ...loadBalancerRoutes(core), ...listenerRoutes(core), ...poolRoutes(core), ...memberRoutes(core), ...monitorRoutes(core), ...quotaRoutes(core), ...otherRoutes(core),
  ].map(guarded);
  // Clients say v2.0 or v2; both are served.
  const short = routes.map((route) => ({ ...route, path: route.path.replace('/v2.0/', '/v2/') }));
  return { name: 'load-balancer', routes: [...versionRoutes(), ...routes, ...short], renderError };
}

function versionRoutes(): Route[] {
  return [{ method: 'GET', path: '/', isOpen: true, handle: (request) => ok({
    versions: versions.map(([id, updated], i) => ({
      id, status: i === versions.length - 1 ? 'CURRENT' : 'SUPPORTED', updated, links: [{ href: `${request.baseUrl}/v2`, rel: 'self' }],
    })),
  }) }];
}

function otherRoutes(core: Core): Route[] {
  return [
    { method: 'GET', path: '/v2.0/lbaas/providers', handle: () => ok({ providers }) },
    { method: 'GET', path: '/v2.0/lbaas/flavors', handle: (request) => ok(octaviaList('flavors', [], request)) },
    { method: 'GET', path: '/v2.0/lbaas/availabilityzones', handle: (request) => ok({
      ...octaviaList('availability_zones', core.state.zones.map((name) => ({ name, description: '', enabled: true })), request),
    }) },
    { method: 'GET', path: '/v2.0/lbaas/l7policies', handle: (request) => ok(octaviaList('l7policies', [], request)) },
  ];
}

function guarded(route: Route): Route {
  return {
    ...route,
    handle: (request: ApiRequest): ApiResponse | Promise<ApiResponse> => {
      if (!request.caller.roles.some((role) => roles.includes(role))) throw forbidden('Policy does not allow this request to be performed.');
      return route.handle(request);
    },
  };
}

/** `{faultcode, faultstring, debuginfo}`; what the web framework refuses looks different. */
function renderError(error: ApiError, request: Pick<ApiRequest, 'headers'>): ApiResponse {
  if (error.status === 401) return { ...keystoneError(error, request), headers: { ...keystoneError(error, request).headers, 'x-openstack-request-id': '' } };
  if (error.code === 'HTTPNotFound') return { status: 404, body: { code: 404, title: 'Not Found', description: '' } };
  if (error.code === 'PoolAboveNotFound') return { status: 404, body: { code: 404, title: 'Bad Request', description: error.message } };
  return { status: error.status, body: { faultcode: error.status >= 500 ? 'Server' : 'Client', faultstring: error.message, debuginfo: null } };
}
