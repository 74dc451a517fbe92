/** Keystone v3: tokens, application credentials, the catalogue, and as much of the directory as clients need. */
import type { Core } from '../core.ts';
import type { ApiError } from '../errors.ts';
import type { ApiRequest, ApiResponse, Route, Service } from '../http/service.ts';
import { accessRuleRoutes } from './access-rule-routes.ts';
import { applicationCredentialRoutes } from './application-credentials.ts';
import { authRoutes } from './auth-routes.ts';
import { directoryRoutes } from './directory.ts';

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 409: 'Conflict', 500: 'Internal Server Error',
};

export function keystone(core: Core): Service {
  return {
    name: 'identity',
    routes: [...versionRoutes(), ...authRoutes(core), ...applicationCredentialRoutes(core), ...accessRuleRoutes(core), ...directoryRoutes(core)],
    renderError: (error, request) => (error.code === 'HTTPNotFound' ? unknownPath : keystoneError(error, request)),
    headers: () => ({ vary: 'X-Auth-Token' }),
  };
}

/** Keystone stands on Flask, which says so. */
const unknownPath: ApiResponse = {
  status: 404, headers: { 'content-type': 'text/html; charset=utf-8' },
  body: '<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.</p>\n',
};

/** `{"error": {code, message, title}}`; the authentication filter in front of the other services answers in the same shape. */
export function keystoneError(error: ApiError, request: Pick<ApiRequest, 'headers'>): ApiResponse {
  const body = { error: { code: error.status, message: error.message, title: titles[error.status] ?? 'Error' } };
  const challenge = { 'www-authenticate': `Keystone uri="http://${request.headers.host ?? 'localhost'}/v3"` };
  return { status: error.status, body, ...(error.status === 401 ? { headers: challenge } : {}) };
}

function versionRoutes(): Route[] {
  const v3 = (request: ApiRequest): object => ({
    id: 'v3.14', status: 'stable', updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${request.baseUrl}/v3/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  });
  return [
    { method: 'GET', path: '/', isOpen: true, handle: (request) => ({ status: 300, body: { versions: { values: [v3(request)] } } }) },
    { method: 'GET', path: '/v3', isOpen: true, handle: (request) => ({ status: 200, body: { version: v3(request) } }) },
  ];
}
