/** What Neutron says about itself: versions, extensions, zones, agents; and trunks, of which there are none. */
import type { Core } from '../core.ts';
import { notFound } from '../errors.ts';
import { ok, type Route } from '../http/service.ts';
import { listBody } from './listing.ts';
import { extensions } from './extensions.ts';

export function neutronDirectoryRoutes(core: Core): Route[] {
  return [
    { method: 'GET', path: '/', isOpen: true, handle: (request) => ok({
      versions: [{ id: 'v2.0', status: 'CURRENT', links: [{ rel: 'self', href: `${request.baseUrl}/v2.0/` }] }],
    }) },
    { method: 'GET', path: '/v2.0/extensions', handle: () => ok({ extensions }) },
    { method: 'GET', path: '/v2.0/extensions/:alias', handle: (request) => {
      const extension = extensions.find((one) => one.alias === request.params['alias']);
      if (!extension) throw notFound('ExtensionNotFound', `Extension with alias ${request.params['alias'] ?? ''} does not exist`);
      return ok({ extension });
    } },
    { method: 'GET', path: '/v2.0/availability_zones', handle: (request) => ok(listBody('availability_zones',
      ['network', 'router'].flatMap((resource) => core.state.zones.map((name) => ({ name, resource, state: 'available' }))), request)) },
    { method: 'GET', path: '/v2.0/agents', handle: () => ok({ agents: [] }) },
    { method: 'GET', path: '/v2.0/trunks', handle: (request) => ok(listBody('trunks', [], request)) },
  ];
}
