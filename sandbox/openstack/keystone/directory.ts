/** Projects, users and roles: what an administrator needs to make another tenant, and what a member may read about itself. */
import { newHexId, type Core } from '../core.ts';
import { badRequest, conflict, forbidden, notFound } from '../errors.ts';
import { asRecord, asString } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { links, projectView } from './auth-routes.ts';
import type { ProjectRecord, UserRecord } from './records.ts';
import { hashSecret } from './secrets.ts';

export function directoryRoutes(core: Core): Route[] {
  return [...projectRoutes(core), ...userRoutes(core), ...roleRoutes(core)];
}

function projectRoutes(core: Core): Route[] {
  const { keystone } = core.state;
  return [
    { method: 'GET', path: '/v3/projects', handle: (request) => {
      onlyAdmin(request, 'list_projects');
      return ok({ projects: byName(Object.values(keystone.projects), request).map((p) => projectView(p, request)), links: links(request) });
    } },
    { method: 'POST', path: '/v3/projects', handle: (request) => {
      onlyAdmin(request, 'create_project');
      const given = asRecord(asRecord(request.body)['project']);
      const name = requiredName(given);
      if (Object.values(keystone.projects).some((p) => p.name === name)) throw duplicate('project', name);
      const project: ProjectRecord = { id: newHexId(core), name, domain_id: 'default', description: asString(given['description']), enabled: given['enabled'] !== false };
      keystone.projects[project.id] = project;
      return ok({ project: projectView(project, request) }, 201);
    } },
    { method: 'GET', path: '/v3/projects/:id', handle: (request) => {
      const id = request.params['id'] ?? '';
      if (!request.caller.isAdmin && request.caller.projectId !== id) refuse('get_project');
      const project = keystone.projects[id];
      if (!project) throw notFound('ProjectNotFound', `Could not find project: ${id}.`);
      return ok({ project: projectView(project, request) });
    } },
    { method: 'DELETE', path: '/v3/projects/:id', handle: (request) => {
      onlyAdmin(request, 'delete_project');
      const id = request.params['id'] ?? '';
      if (!keystone.projects[id]) throw notFound('ProjectNotFound', `Could not find project: ${id}.`);
      Reflect.deleteProperty(keystone.projects, id);
      keystone.assignments = keystone.assignments.filter((a) => a.project_id !== id);
      return noContent;
    } },
  ];
}

function userRoutes(core: Core): Route[] {
  const { keystone } = core.state;
  return [
    { method: 'GET', path: '/v3/users', handle: (request) => {
      onlyAdmin(request, 'list_users');
      return ok({ users: byName(Object.values(keystone.users), request).map((u) => userView(u, request)), links: links(request) });
    } },
    { method: 'POST', path: '/v3/users', handle: (request) => {
      onlyAdmin(request, 'create_user');
      const given = asRecord(asRecord(request.body)['user']);
      const name = requiredName(given);
      if (Object.values(keystone.users).some((u) => u.name === name)) throw duplicate('user', name);
      const user: UserRecord = {
        id: newHexId(core), name, domain_id: 'default', enabled: given['enabled'] !== false, password: hashSecret(asString(given['password'])),
        ...(typeof given['default_project_id'] === 'string' ? { default_project_id: given['default_project_id'] } : {}),
      };
      keystone.users[user.id] = user;
      return ok({ user: userView(user, request) }, 201);
    } },
    { method: 'GET', path: '/v3/users/:id', handle: (request) => {
      const id = request.params['id'] ?? '';
      if (!request.caller.isAdmin && request.caller.userId !== id) refuse('get_user');
      const user = keystone.users[id];
      if (!user) throw notFound('UserNotFound', `Could not find user: ${id}.`);
      return ok({ user: userView(user, request) });
    } },
    { method: 'DELETE', path: '/v3/users/:id', handle: (request) => {
      onlyAdmin(request, 'delete_user');
      const id = request.params['id'] ?? '';
      if (!keystone.users[id]) throw notFound('UserNotFound', `Could not find user: ${id}.`);
      Reflect.deleteProperty(keystone.users, id);
      keystone.assignments = keystone.assignments.filter((a) => a.user_id !== id);
      return noContent;
    } },
    { method: 'GET', path: '/v3/users/:id/projects', handle: (request) => {
      if (!request.caller.isAdmin && request.caller.userId !== request.params['id']) refuse('list_user_projects');
      const mine = new Set(keystone.assignments.filter((a) => a.user_id === request.params['id']).map((a) => a.project_id));
      return ok({ projects: Object.values(keystone.projects).filter((p) => mine.has(p.id)).map((p) => projectView(p, request)), links: links(request) });
    } },
  ];
}

function roleRoutes(core: Core): Route[] {
  const { keystone } = core.state;
  return [
    { method: 'GET', path: '/v3/roles', handle: (request) => {
      onlyAdmin(request, 'list_roles');
      const roles = byName(Object.values(keystone.roles), request);
      return ok({ roles: roles.map((r) => ({ ...r, domain_id: null, description: null, options: {}, links: { self: `${request.baseUrl}/v3/roles/${r.id}` } })), links: links(request) });
    } },
    { method: 'PUT', path: '/v3/projects/:project/users/:user/roles/:role', handle: (request) => {
      onlyAdmin(request, 'create_grant');
      const { project = '', user = '', role = '' } = request.params;
      if (!keystone.projects[project]) throw notFound('ProjectNotFound', `Could not find project: ${project}.`);
      if (!keystone.users[user]) throw notFound('UserNotFound', `Could not find user: ${user}.`);
      if (!keystone.roles[role]) throw notFound('RoleNotFound', `Could not find role: ${role}.`);
      const held = keystone.assignments.some((a) => a.project_id === project && a.user_id === user && a.role_id === role);
      if (!held) keystone.assignments.push({ project_id: project, user_id: user, role_id: role });
      return noContent;
    } },
  ];
}

function userView(user: UserRecord, request: ApiRequest): object {
  const { password: _, ...shown } = user;
  return { ...shown, password_expires_at: null, options: {}, links: { self: `${request.baseUrl}/v3/users/${user.id}` } };
}

function byName<T extends { name: string }>(all: readonly T[], request: ApiRequest): T[] {
  const name = request.query.get('name');
  return all.filter((one) => name === null || one.name === name);
}

function requiredName(given: Record<string, unknown>): string {
  const name = asString(given['name']);
  if (name === '') throw badRequest("'name' is a required property");
  return name;
}

function duplicate(kind: string, name: string): Error {
  return conflict('Conflict', `Conflict occurred attempting to store ${kind} - Duplicate entry found with name ${name}.`);
}

function onlyAdmin(request: ApiRequest, action: string): void {
  if (!request.caller.isAdmin) refuse(action);
}

function refuse(action: string): never {
  throw forbidden(`You are not authorized to perform the requested action: identity:${action}.`);
}
