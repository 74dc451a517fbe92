/** The five calls every Neutron collection has, from one description: list, show, create (also in bulk), update, delete. */
import { ApiError, forbidden, notFound } from '../errors.ts';
import { asRecord, isRecord, type JsonObject } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Caller, type Route } from '../http/service.ts';
import { disallowed, readAttributes, type AttributeMap } from './attributes.ts';
import { listBody, only } from './listing.ts';

export interface Collection<T extends { id: string; project_id: string }> {
  /** As in paths: `security-groups`. */
  readonly path: string;
  /** As in bodies: `security_groups` and `security_group`. */
  readonly plural: string;
  readonly singular: string;
  readonly notFound: { readonly code: string; readonly message: (id: string) => string };
  readonly attributes: AttributeMap;
  table(): Record<string, T>;
  /** May this caller see a thing of another project? Networks that are shared, lent or external are. */
  isVisibleTo?(record: T, caller: Caller): boolean;
  view(record: T, caller: Caller): JsonObject;
  /** Attributes that are in the answer to a create call only, or look different there. */
  createdView?(record: T, caller: Caller): JsonObject;
  create(given: JsonObject, caller: Caller): T;
  update?(record: T, given: JsonObject, caller: Caller): void;
  remove(record: T, caller: Caller): void;
  /** Called before a list: makes what appears on first use. */
  beforeList?(caller: Caller): void;
}

export function collectionRoutes<T extends { id: string; project_id: string }>(c: Collection<T>): Route[] {
  const base = `/v2.0/${c.path}`;
  const routes: Route[] = [
    { method: 'GET', path: base, handle: (request) => {
      c.beforeList?.(request.caller);
      const mine = Object.values(c.table()).filter((record) => isVisible(c, record, request.caller));
      return ok(listBody(c, mine.map((record) => c.view(record, request.caller)), request));
    } },
    { method: 'POST', path: base, handle: (request) => create(c, request) },
    { method: 'GET', path: `${base}/:id`, handle: (request) => {
      const record = find(c, request);
      return ok({ [c.singular]: only(c.view(record, request.caller), request.query.getAll('fields')) });
    } },
    { method: 'DELETE', path: `${base}/:id`, handle: (request) => {
      const record = findOwn(c, request, 'delete');
      c.remove(record, request.caller);
      return noContent;
    } },
  ];
  if (c.update) {
    routes.push({ method: 'PUT', path: `${base}/:id`, handle: (request) => {
      const record = findOwn(c, request, 'update');
      c.update?.(record, readAttributes(c, bodyOf(c, request), 'PUT', request.caller.isAdmin), request.caller);
      return ok({ [c.singular]: c.view(record, request.caller) });
    } });
  }
  return routes;
}

/** The record of `:id`, if this caller may see it. @throws ApiError 404 */
export function find<T extends { id: string; project_id: string }>(c: Collection<T>, request: ApiRequest): T {
  const id = request.params['id'] ?? '';
  const record = c.table()[id];
  if (!record || !isVisible(c, record, request.caller)) throw notFound(c.notFound.code, c.notFound.message(id));
  return record;
}

/** As `find`, for a change. @throws ApiError 404, or 403 for a thing that the caller sees but does not own */
export function findOwn<T extends { id: string; project_id: string }>(c: Collection<T>, request: ApiRequest, verb: 'update' | 'delete'): T {
  const record = find(c, request);
  if (!request.caller.isAdmin && record.project_id !== request.caller.projectId) {
    throw disallowed(verb, c.singular);
  }
  return record;
}

function isVisible<T extends { id: string; project_id: string }>(c: Collection<T>, record: T, caller: Caller): boolean {
  return caller.isAdmin || record.project_id === caller.projectId || c.isVisibleTo?.(record, caller) === true;
}

function create<T extends { id: string; project_id: string }>(c: Collection<T>, request: ApiRequest): { status: number; body: JsonObject } {
  const body = asRecord(request.body);
  const view = (record: T): JsonObject => (c.createdView ?? c.view)(record, request.caller);
  const make = (given: JsonObject): T => c.create(readAttributes(c, given, 'POST', request.caller.isAdmin), callerFor(given, request.caller));
  const many = body[c.plural];
  if (Array.isArray(many)) {
    const made: T[] = [];
    try {
      for (const one of many) made.push(make(asRecord(one)));
    } catch (error) {
      for (const record of made) c.remove(record, request.caller);
      throw error;
    }
    return { status: 201, body: { [c.plural]: made.map(view) } };
  }
  return { status: 201, body: { [c.singular]: view(make(bodyOf(c, request))) } };
}

/** An administrator may create in another project's name. */
function callerFor(given: JsonObject, caller: Caller): Caller {
  const project = given['project_id'] ?? given['tenant_id'];
  if (typeof project !== 'string' || project === caller.projectId) return caller;
  if (!caller.isAdmin) throw forbidden('(rule:create) is disallowed by policy', 'PolicyNotAuthorized');
  return { ...caller, projectId: project };
}

function bodyOf(c: { singular: string }, request: ApiRequest): JsonObject {
  const inner = asRecord(request.body)[c.singular];
  if (request.body === undefined) throw new ApiError(400, 'HTTPBadRequest', 'Resource body required');
  if (!isRecord(inner)) throw new ApiError(400, 'HTTPBadRequest', `Unable to find '${c.singular}' in request body`);
  return inner;
}
