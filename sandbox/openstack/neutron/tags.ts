/** Tags on networks, subnets, ports, routers, floating IPs and security groups. */
import type { Core } from '../core.ts';
import { ApiError, badRequest, notFound } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { noContent, ok, type ApiRequest, type Route } from '../http/service.ts';
import { repr } from './attributes.ts';
import { findOwn, type Collection } from './collection.ts';
import type { Standard } from './records.ts';
import { touch } from './standard.ts';

const maxTagLength = 255;

export function tagRoutes(core: Core, collections: readonly Pick<Collection<Standard>, 'path'>[], findRecord: (path: string, request: ApiRequest, verb: 'update') => Standard): Route[] {
  return collections.flatMap(({ path }) => {
    const base = `/v2.0/${path}/:id/tags`;
    const record = (request: ApiRequest): Standard => findRecord(path, request, 'update');
    const change = (request: ApiRequest, to: (tags: readonly string[]) => string[]): Standard => {
      const found = record(request);
      found.tags = to(found.tags);
      touch(core, found);
      return found;
    };
    return [
      { method: 'GET', path: base, handle: (request) => ok({ tags: [...record(request).tags].sort() }) },
      { method: 'PUT', path: base, handle: (request) => {
        const tags = sentTags(request);
        change(request, () => tags);
        return ok({ tags });
      } },
      { method: 'DELETE', path: base, handle: (request) => {
        change(request, () => []);
        return noContent;
      } },
      { method: 'GET', path: `${base}/:tag`, handle: (request) => {
        if (!record(request).tags.includes(request.params['tag'] ?? '')) throw noTag(request);
        return noContent;
      } },
      { method: 'PUT', path: `${base}/:tag`, handle: (request) => {
        change(request, (tags) => [...new Set([...tags, request.params['tag'] ?? ''])]);
        return { status: 201, body: null };
      } },
      { method: 'DELETE', path: `${base}/:tag`, handle: (request) => {
        if (!record(request).tags.includes(request.params['tag'] ?? '')) throw noTag(request);
        change(request, (tags) => tags.filter((tag) => tag !== request.params['tag']));
        return noContent;
      } },
    ] satisfies Route[];
  });
}

/** A finder over collections of different records, which differ in more than `tags` but share what is needed here. */
export function finder<T extends Standard>(collection: Collection<T>): (request: ApiRequest, verb: 'update') => Standard {
  return (request, verb) => {
    try {
      return findOwn(collection, request, verb);
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      throw notFound('TagResourceNotFound', `Resource ${collection.path} ${request.params['id'] ?? ''} could not be found.`);
    }
  };
}

function sentTags(request: ApiRequest): string[] {
  const sent = asRecord(request.body)['tags'];
  if (!Array.isArray(sent)) throw badRequest(`Invalid input for operation: ${repr(sent)} is not a list.`, 'InvalidInput');
  for (const tag of sent) {
    if (typeof tag !== 'string' || tag.length > maxTagLength) throw badRequest(`Invalid input for operation: '${String(tag)}' exceeds maximum length of ${maxTagLength}.`, 'InvalidInput');
  }
  return [...new Set(sent as string[])];
}

function noTag(request: ApiRequest): Error {
  return notFound('TagNotFound', `Tag ${request.params['tag'] ?? ''} could not be found.`);
}
