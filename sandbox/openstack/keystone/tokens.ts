/** Who may call: issues tokens for passwords, application credentials and tokens, and checks them. */
import type { IncomingHttpHeaders } from 'node:http';
import { randomBytes } from 'node:crypto';
import type { Core } from '../core.ts';
import { ApiError, badRequest, notFound } from '../errors.ts';
import { asRecord, asString } from '../http/json.ts';
import type { Caller } from '../http/service.ts';
import { isAllowed, rulesOf, type RuledCall } from './access-rules.ts';
import type { ApplicationCredentialRecord, ProjectRecord, TokenRecord, UserRecord } from './records.ts';
import { isSecret, newToken, tokenId } from './secrets.ts';

/** Four hours, as the recordings' cloud. */
const lifetimeMs = 4 * 60 * 60 * 1000;

/** Keystone's `allow_expired_window`: so long after its end a token is still good for a service that goes on with what its user began. */
const serviceGraceMs = 48 * 60 * 60 * 1000;

/** Every refused login says the same, so that nobody learns which part was wrong. */
export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'The request you have made requires authentication.');
}

/** The token and its record. The token itself is known only here and to the client. */
export interface Issued {
  readonly token: string;
  readonly record: TokenRecord;
}

/** `POST /v3/auth/tokens`. @throws ApiError 401 for anything that does not add up, 404 for an unknown application credential, 400 for a body without `auth.identity`. */
export function issueToken(core: Core, body: unknown): Issued {
  const auth = asRecord(asRecord(body)['auth']);
  const identity = asRecord(auth['identity']);
  const methods = identity['methods'];
  if (!Array.isArray(methods)) throw badRequest("'identity' is a required property");
  const who = identify(core, identity, methods.map(String));
  const projectId = scope(core, auth['scope'], who);
  const now = core.clock.now();
  const token = newToken();
  const record: TokenRecord = {
    id: tokenId(token),
    user_id: who.user.id,
    methods: [...new Set([...methods.map(String), ...who.earlierMethods])],
    audit_id: randomBytes(16).toString('base64url'),
    issued_at_ms: now,
    expires_at_ms: who.expiresAtMs ?? now + lifetimeMs,
    ...(projectId === undefined ? {} : { project_id: projectId }),
    ...(who.credential ? { application_credential_id: who.credential.id } : {}),
  };
  core.state.keystone.tokens[record.id] = record;
  dropExpired(core, now);
  return { token, record };
}

/** The caller of a request. @throws ApiError 401, also for a call that the application credential's access rules do not name */
export function authenticate(core: Core, headers: IncomingHttpHeaders, call?: RuledCall): Caller {
  const token = headers['x-auth-token'];
  const record = typeof token === 'string' ? validToken(core, token, isFromService(core, headers) ? serviceGraceMs : 0) : undefined;
  if (!record) throw unauthorized();
  // A service token says that the call is one of a chain, of which the user made only the first.
  if (call && headers['x-service-token'] === undefined && !isAllowed(rulesOf(core, core.state.keystone.applicationCredentials[record.application_credential_id ?? '']), call)) throw unauthorized();
  const roles = roleIds(core, record).map((id) => core.state.keystone.roles[id]?.name ?? '');
  return { tokenId: record.id, tokenIssuedAtMs: record.issued_at_ms, userId: record.user_id, projectId: record.project_id ?? '', roles, isAdmin: roles.includes('admin') };
}

/** The call comes from a service that works for the user: its own token is beside the user's, and has the role `service`. */
function isFromService(core: Core, headers: IncomingHttpHeaders): boolean {
  const token = headers['x-service-token'];
  const record = typeof token === 'string' ? validToken(core, token) : undefined;
  return record !== undefined && roleIds(core, record).some((id) => core.state.keystone.roles[id]?.name === 'service');
}

/** undefined: unknown, expired, or its user, project or application credential is gone. */
export function validToken(core: Core, token: string, graceMs = 0): TokenRecord | undefined {
  const { keystone } = core.state;
  const record = keystone.tokens[tokenId(token)];
  if (!record || record.expires_at_ms + graceMs <= core.clock.now()) return undefined;
  if (!keystone.users[record.user_id]?.enabled) return undefined;
  if (record.project_id !== undefined && !keystone.projects[record.project_id]?.enabled) return undefined;
  if (record.application_credential_id !== undefined && !keystone.applicationCredentials[record.application_credential_id]) return undefined;
  return record;
}

export function revokeToken(core: Core, token: string): void {
  const id = tokenId(token);
  if (!core.state.keystone.tokens[id]) throw notFound('TokenNotFound', 'Failed to validate token');
  Reflect.deleteProperty(core.state.keystone.tokens, id);
}

/** Roles a token carries: what was assigned, plus what they imply (admin implies member, member implies reader). */
export function roleIds(core: Core, token: Pick<TokenRecord, 'user_id' | 'project_id' | 'application_credential_id'>): string[] {
  const { keystone } = core.state;
  const credential = token.application_credential_id === undefined ? undefined : keystone.applicationCredentials[token.application_credential_id];
  const held = credential?.role_ids
    ?? keystone.assignments.filter((a) => a.user_id === token.user_id && a.project_id === token.project_id).map((a) => a.role_id);
  return withImplied(core, held);
}

function withImplied(core: Core, held: readonly string[]): string[] {
  const byName = new Map(Object.values(core.state.keystone.roles).map((role) => [role.name, role.id]));
  const all = new Set(held);
  const imply = (name: string, implied: string): void => {
    const from = byName.get(name);
    const to = byName.get(implied);
    if (from !== undefined && to !== undefined && all.has(from)) all.add(to);
  };
  imply('admin', 'member');
  imply('member', 'reader');
  return [...all];
}

interface Identified {
  readonly user: UserRecord;
  readonly credential?: ApplicationCredentialRecord;
  /** The project of the token or application credential this login rests on. */
  readonly projectId?: string;
  readonly expiresAtMs?: number;
  readonly earlierMethods: readonly string[];
}

function identify(core: Core, identity: Record<string, unknown>, methods: readonly string[]): Identified {
  if (methods.includes('application_credential')) return byApplicationCredential(core, asRecord(identity['application_credential']));
  if (methods.includes('password')) return byPassword(core, asRecord(asRecord(identity['password'])['user']));
  if (methods.includes('token')) return byToken(core, asString(asRecord(identity['token'])['id']));
  throw unauthorized();
}

function byPassword(core: Core, given: Record<string, unknown>): Identified {
  const user = findUser(core, given);
  if (!user?.enabled || !isSecret(asString(given['password']), user.password)) throw unauthorized();
  return { user, earlierMethods: [] };
}

function byApplicationCredential(core: Core, given: Record<string, unknown>): Identified {
  const all = Object.values(core.state.keystone.applicationCredentials);
  const owner = given['id'] === undefined ? findUser(core, asRecord(given['user'])) : undefined;
  const credential = all.find((c) => (given['id'] === undefined ? c.user_id === owner?.id && c.name === given['name'] : c.id === given['id']));
  if (!credential) throw notFound('ApplicationCredentialNotFound', `Could not find Application Credential: ${asString(given['id'] ?? given['name'])}.`);
  const user = core.state.keystone.users[credential.user_id];
  if (!user?.enabled || !isSecret(asString(given['secret']), credential.secret)) throw unauthorized();
  const expiresAtMs = credential.expires_at === null ? undefined : Date.parse(`${credential.expires_at}Z`);
  if (expiresAtMs !== undefined && expiresAtMs <= core.clock.now()) throw unauthorized();
  return { user, credential, projectId: credential.project_id, earlierMethods: [] };
}

function byToken(core: Core, token: string): Identified {
  const record = validToken(core, token);
  const user = record && core.state.keystone.users[record.user_id];
  if (!record || !user) throw unauthorized();
  return {
    user, earlierMethods: record.methods, expiresAtMs: record.expires_at_ms,
    ...(record.project_id === undefined ? {} : { projectId: record.project_id }),
  };
}

function findUser(core: Core, given: Record<string, unknown>): UserRecord | undefined {
  const users = Object.values(core.state.keystone.users);
  if (given['id'] !== undefined) return users.find((user) => user.id === given['id']);
  const domain = findDomain(core, given['domain']);
  return users.find((user) => user.name === given['name'] && user.domain_id === domain);
}

function findDomain(core: Core, given: unknown): string | undefined {
  const { id, name } = asRecord(given);
  return Object.values(core.state.keystone.domains).find((domain) => (id === undefined ? domain.name.toLowerCase() === String(name).toLowerCase() : domain.id === id))?.id;
}

/** The project the token is for; undefined for an unscoped one. */
function scope(core: Core, given: unknown, who: Identified): string | undefined {
  if (who.credential) {
    if (given !== undefined) throw unauthorized();
    return who.credential.project_id;
  }
  if (given === undefined) return who.projectId ?? who.user.default_project_id;
  if (given === 'unscoped') return undefined;
  const project = findProject(core, asRecord(asRecord(given)['project']));
  if (!project?.enabled || roleIds(core, { user_id: who.user.id, project_id: project.id }).length === 0) throw unauthorized();
  return project.id;
}

function findProject(core: Core, given: Record<string, unknown>): ProjectRecord | undefined {
  const projects = Object.values(core.state.keystone.projects);
  if (given['id'] !== undefined) return projects.find((project) => project.id === given['id']);
  const domain = findDomain(core, given['domain']);
  return projects.find((project) => project.name === given['name'] && project.domain_id === domain);
}

function dropExpired(core: Core, now: number): void {
  const { tokens } = core.state.keystone;
  for (const [id, token] of Object.entries(tokens)) {
    if (token.expires_at_ms + serviceGraceMs <= now) Reflect.deleteProperty(tokens, id);
  }
}
