/** `/v3/auth`: tokens, the catalogue and the projects a user may choose. */
import { isoMicroseconds } from '../clock.ts';
import type { Core } from '../core.ts';
import { notFound } from '../errors.ts';
import { ok, type ApiRequest, type ApiResponse, type Route } from '../http/service.ts';
import { ruleView, rulesOf } from './access-rules.ts';
import { catalog } from './catalog.ts';
import type { TokenRecord } from './records.ts';
import { authenticate, issueToken, revokeToken, roleIds, unauthorized, validToken } from './tokens.ts';

export function authRoutes(core: Core): Route[] {
  return [
    { method: 'POST', path: '/v3/auth/tokens', isOpen: true, handle: (request) => {
      const { token, record } = issueToken(core, request.body);
      return { status: 201, body: { token: tokenView(core, record, !request.query.has('nocatalog')) }, headers: { 'x-subject-token': token } };
    } },
    { method: 'GET', path: '/v3/auth/tokens', handle: (request) => showToken(core, request) },
    { method: 'DELETE', path: '/v3/auth/tokens', handle: (request) => {
      revokeToken(core, subject(request));
      return { status: 204 };
    } },
    { method: 'GET', path: '/v3/auth/catalog', handle: (request) => ok({ catalog: catalog(core, request.caller.projectId), links: { self: links(request).self } }) },
    { method: 'GET', path: '/v3/auth/projects', handle: (request) => {
      const { keystone } = core.state;
      const mine = new Set(keystone.assignments.filter((a) => a.user_id === request.caller.userId).map((a) => a.project_id));
      return ok({ projects: Object.values(keystone.projects).filter((p) => mine.has(p.id)).map((p) => projectView(p, request)), links: links(request) });
    } },
    { method: 'GET', path: '/v3/auth/domains', handle: (request) => ok({ domains: [], links: links(request) }) },
  ];

  function subject(request: ApiRequest): string {
    const token = request.headers['x-subject-token'];
    if (typeof token !== 'string') throw notFound('TokenNotFound', 'Could not find token: ');
    return token;
  }

  function showToken(cloud: Core, request: ApiRequest): ApiResponse {
    const token = subject(request);
    const record = validToken(cloud, token);
    if (!record) throw notFound('TokenNotFound', 'Could not recognize Fernet token');
    if (!request.caller.isAdmin && record.user_id !== authenticate(cloud, request.headers).userId) throw unauthorized();
    // Whoever does not say that it knows access rules must not take the token for one without.
    if (rulesOf(cloud, cloud.state.keystone.applicationCredentials[record.application_credential_id ?? '']) && request.headers['openstack-identity-access-rules'] === undefined) throw notFound('TokenNotFound', 'Failed to validate token');
    return { status: 200, body: { token: tokenView(cloud, record, !request.query.has('nocatalog')) }, headers: { 'x-subject-token': token } };
  }
}

/** Keystone puts these on every list. */
export function links(request: ApiRequest): { next: null; self: string; previous: null } {
  const query = request.query.size === 0 ? '' : `?${request.query.toString()}`;
  return { next: null, self: `${request.baseUrl}${request.path}${query}`, previous: null };
}

export function projectView(project: { id: string; name: string; domain_id: string; description: string; enabled: boolean }, request: ApiRequest): object {
  return { ...project, is_domain: false, parent_id: project.domain_id, tags: [], options: {}, links: { self: `${request.baseUrl}/v3/projects/${project.id}` } };
}

function tokenView(core: Core, token: TokenRecord, withCatalog: boolean): object {
  const { keystone } = core.state;
  const user = keystone.users[token.user_id];
  const project = token.project_id === undefined ? undefined : keystone.projects[token.project_id];
  const credential = token.application_credential_id === undefined ? undefined : keystone.applicationCredentials[token.application_credential_id];
  const rules = rulesOf(core, credential);
  return {
    methods: token.methods,
    user: { domain: domainView(core, user?.domain_id ?? ''), id: token.user_id, name: user?.name ?? '', password_expires_at: null },
    audit_ids: [token.audit_id],
    expires_at: isoMicroseconds(token.expires_at_ms),
    issued_at: isoMicroseconds(token.issued_at_ms),
    ...(project && {
      project: { domain: domainView(core, project.domain_id), id: project.id, name: project.name },
      is_domain: false,
      roles: roleIds(core, token).map((id) => ({ id, name: keystone.roles[id]?.name ?? '' })),
      ...(withCatalog ? { catalog: catalog(core, project.id) } : {}),
    }),
    ...(credential && { application_credential: { id: credential.id, name: credential.name, restricted: !credential.unrestricted, ...(rules ? { access_rules: rules.map(ruleView) } : {}) } }),
  };
}

function domainView(core: Core, id: string): object {
  return { id, name: core.state.keystone.domains[id]?.name ?? '' };
}
