/** Nova's version documents, asked for before nearly every call. */
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { maxVersion, minVersion } from './microversion.ts';

export function versionRoutes(): Route[] {
  const v21 = (request: ApiRequest): object => ({
    id: 'v2.1', status: 'CURRENT', version: maxVersion, min_version: minVersion, updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: `${request.baseUrl}/v2.1/` }],
  });
  const v20 = (request: ApiRequest): object => ({
    id: 'v2.0', status: 'SUPPORTED', version: '', min_version: '', updated: '2011-01-21T11:33:21Z',
    links: [{ rel: 'self', href: `${request.baseUrl}/v2/` }],
  });
  const details = (request: ApiRequest): object => ({
    version: {
      ...v21(request),
      links: [{ rel: 'self', href: `${request.baseUrl}/v2.1/` }, { rel: 'describedby', type: 'text/html', href: 'http://docs.openstack.org/' }],
      'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.compute+json;version=2.1' }],
    },
  });
  return [
    { method: 'GET', path: '/', isOpen: true, handle: (request) => ok({ versions: [v20(request), v21(request)] }) },
    { method: 'GET', path: '/v2.1', isOpen: true, handle: (request) => ok(details(request)) },
  ];
}
