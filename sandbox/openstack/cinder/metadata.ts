/** Metadata of volumes and snapshots: the whole of it, or one item. */
import { badRequest, notFound } from '../errors.ts';
import { asRecord } from '../http/json.ts';
import { ok, type ApiRequest, type Route } from '../http/service.ts';
import { metadataOf } from './schema.ts';
import { emptyAnswer } from './views.ts';

/** @param path `/v3/:project/volumes/:id` @param kind for refusals: `Volume` */
export function metadataRoutes(path: string, kind: string, find: (request: ApiRequest) => { readonly id: string; metadata: Record<string, string> }): Route[] {
  const item = (request: ApiRequest): { record: ReturnType<typeof find>; key: string; value: string } => {
    const record = find(request);
    const key = request.params['key'] ?? '';
    const value = record.metadata[key];
    if (value === undefined) throw notFound('MetadataNotFound', `${kind} ${record.id} has no metadata with key ${key}.`);
    return { record, key, value };
  };
  const change = (isReplacing: boolean) => (request: ApiRequest) => {
    const record = find(request);
    const sent = metadataOf(asRecord(request.body)['metadata']);
    record.metadata = isReplacing ? sent : { ...record.metadata, ...sent };
    return ok({ metadata: record.metadata });
  };
  return [
    { method: 'GET', path: `${path}/metadata`, handle: (request) => ok({ metadata: find(request).metadata }) },
    { method: 'POST', path: `${path}/metadata`, handle: change(false) },
    { method: 'PUT', path: `${path}/metadata`, handle: change(true) },
    { method: 'GET', path: `${path}/metadata/:key`, handle: (request) => {
      const { key, value } = item(request);
      return ok({ meta: { [key]: value } });
    } },
    { method: 'PUT', path: `${path}/metadata/:key`, handle: (request) => {
      const record = find(request);
      const key = request.params['key'] ?? '';
      const meta = metadataOf(asRecord(request.body)['meta']);
      if (meta[key] === undefined) throw badRequest('Request body and URI mismatch');
      record.metadata = { ...record.metadata, [key]: meta[key] };
      return ok({ meta });
    } },
    { method: 'DELETE', path: `${path}/metadata/:key`, handle: (request) => {
      const { record, key } = item(request);
      Reflect.deleteProperty(record.metadata, key);
      return emptyAnswer(200);
    } },
  ];
}
