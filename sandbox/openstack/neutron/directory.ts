/** What Neutron says about itself: versions, extensions, zones, agents. */
import type { Core } from '../core.ts';
import { ok, type ApiResponse, type Route } from '../http/service.ts';
import { listBody } from './listing.ts';
import { extensions } from './extensions.ts';

export function neutronDirectoryRoutes(core: Core): Route[] {
  return [
    { method: 'GET', path: '/', isOpen: true, handle: (request) => ({
      status: 200, headers: { 'x-openstack-request-id': '' },
      body: { versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${request.baseUrl}/v2.0/` }] }] },
    }) },
    { method: 'GET', path: '/v2.0/extensions', handle: () => ok({ extensions }) },
    { method: 'GET', path: '/v2.0/extensions/:alias', handle: (request) => {
      const extension = extensions.find((one) => one.alias === request.params['alias']);
      return extension ? ok({ extension }) : unknownExtension(request.params['alias'] ?? '');
    } },
    { method: 'GET', path: '/v2.0/availability_zones', handle: (request) => ok(listBody({ plural: 'availability_zones' },
      core.state.zones.map((name) => ({ name, resource: 'router', state: 'available' })), request)) },
    { method: 'GET', path: '/v2.0/agents', handle: () => ok({ agents: [] }) },
  ];
}

/** Extensions are served by a part of Neutron that words its refusals as the web framework does. */
function unknownExtension(alias: string): ApiResponse {
  const message = `The resource could not be found.<br /><br />\nExtension with alias ${alias} does not exist\n\n`;
  return { status: 404, body: { message, code: '404 Not Found', title: 'Not Found' } };
}
