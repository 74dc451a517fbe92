/** Application credentials of a user. The secret is shown once, in the answer to the create call. */
import { isoMicroseconds } from '../clock.ts';
import { newHexId, type Core } from '../core.ts';
import { badRequest, conflict, forbidden, notFound } from '../errors.ts';
import { asRecord, asString } from '../http/json.ts';
import { ok, type ApiRequest, type ApiResponse, type Route } from '../http/service.ts';
import { wantedRules } from './access-rule-routes.ts';
import { ruleView, rulesOf } from './access-rules.ts';
import { links } from './auth-routes.ts';
import type { ApplicationCredentialRecord } from './records.ts';
import { hashSecret, newSecret } from './secrets.ts';
import { roleIds } from './tokens.ts';

const collection = '/v3/users/:user/application_credentials';

export function applicationCredentialRoutes(core: Core): Route[] {
  const table = core.state.keystone.applicationCredentials;
  return [
    { method: 'GET', path: collection, handle: (request) => {
      mayRead(request);
      const name = request.query.get('name');
      const mine = Object.values(table).filter((c) => c.user_id === request.params['user'] && (name === null || c.name === name));
      return ok({ application_credentials: mine.map((c) => view(c, request)), links: links(request) });
    } },
    { method: 'POST', path: collection, handle: (request) => create(core, request) },
    { method: 'GET', path: `${collection}/:id`, handle: (request) => {
      mayRead(request);
      return ok({ application_credential: view(find(request), request) });
    } },
    { method: 'DELETE', path: `${collection}/:id`, handle: (request) => {
      mayManage(core, request);
      Reflect.deleteProperty(table, find(request).id);
      return { status: 204 };
    } },
  ];

  function find(request: ApiRequest): ApplicationCredentialRecord {
    const found = table[request.params['id'] ?? ''];
    if (!found || found.user_id !== request.params['user']) {
      throw notFound('ApplicationCredentialNotFound', `Could not find Application Credential: ${request.params['id']}.`);
    }
    return found;
  }

  function view(credential: ApplicationCredentialRecord, request: ApiRequest): object {
    const { secret: _, role_ids: roles, access_rule_ids: _rules, ...rest } = credential;
    const rules = rulesOf(core, credential);
    return {
      ...rest,
      roles: roles.map((id) => ({ id, name: core.state.keystone.roles[id]?.name ?? '', domain_id: null, description: null, options: optionsOf(core, id) })),
      system: null,
      ...(rules ? { access_rules: rules.map(ruleView) } : {}),
      links: { self: `${request.baseUrl}/v3/application_credentials/${credential.id}` },
    };
  }

  function create(cloud: Core, request: ApiRequest): ApiResponse {
    mayManage(cloud, request);
    const given = asRecord(asRecord(request.body)['application_credential']);
    const name = asString(given['name']);
    if (name === '') throw badRequest("'name' is a required property");
    if (Object.values(table).some((c) => c.user_id === request.caller.userId && c.name === name)) {
      throw conflict('Conflict', `Conflict occurred attempting to store application_credential - Duplicate entry found with name ${name}.`);
    }
    const rules = wantedRules(cloud, given['access_rules'], request.caller.userId);
    const held = roleIds(cloud, { user_id: request.caller.userId, project_id: request.caller.projectId });
    const secret = asString(given['secret']) || newSecret();
    const record: ApplicationCredentialRecord = {
      id: newHexId(cloud), name, description: typeof given['description'] === 'string' ? given['description'] : null,
      user_id: request.caller.userId, project_id: request.caller.projectId, role_ids: wantedRoles(cloud, given['roles'], held),
      expires_at: wantedExpiry(cloud, given['expires_at']),
      unrestricted: typeof given['unrestricted'] === 'boolean' ? given['unrestricted'] : null, secret: hashSecret(secret),
      ...(rules ? { access_rule_ids: rules } : {}),
    };
    table[record.id] = record;
    return ok({ application_credential: { ...view(record, request), secret } }, 201);
  }
}

function wantedRoles(core: Core, given: unknown, held: readonly string[]): string[] {
  if (!Array.isArray(given) || given.length === 0) return [...held];
  return given.map((one) => {
    const { id, name } = asRecord(one);
    const role = Object.values(core.state.keystone.roles).find((r) => r.id === id || r.name === name);
    if (!role) throw notFound('RoleNotFound', `Role ${asString(name ?? id)} is not defined`);
    if (!held.includes(role.id)) throw badRequest('Invalid application credential: Cannot create an application credential with unassigned role');
    return role.id;
  });
}

/** As Keystone keeps it: with microseconds, without a zone. */
function wantedExpiry(core: Core, given: unknown): string | null {
  if (typeof given !== 'string') return null;
  const ms = Date.parse(given.endsWith('Z') ? given : `${given}Z`);
  const advice = 'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.';
  if (Number.isNaN(ms)) throw badRequest(`Timestamp not in expected format. ${advice}`);
  if (ms <= core.clock.now()) throw badRequest(`The 'expires_at' must not be before now. ${advice}`);
  return isoMicroseconds(ms).replace('Z', '');
}

/** The roles Keystone's own bootstrap makes cannot be changed. */
function optionsOf(core: Core, roleId: string): object {
  return ['admin', 'member', 'reader'].includes(core.state.keystone.roles[roleId]?.name ?? '') ? { immutable: true } : {};
}

function mayRead(request: ApiRequest): void {
  if (!request.caller.isAdmin && request.caller.userId !== request.params['user']) refuse('list_application_credentials');
}

/** Only the user, and not with an application credential unless that one is unrestricted. */
function mayManage(core: Core, request: ApiRequest): void {
  if (request.caller.userId !== request.params['user']) refuse('create_application_credential');
  const token = core.state.keystone.tokens[request.caller.tokenId];
  const credential = token?.application_credential_id === undefined ? undefined : core.state.keystone.applicationCredentials[token.application_credential_id];
  if (credential && !credential.unrestricted) {
    throw forbidden("You are not authorized to perform the requested action: Using method 'application_credential' is not allowed for managing additional application credentials..");
  }
}

function refuse(what: string): never {
  throw forbidden(`You are not authorized to perform the requested action: identity:${what}.`);
}
