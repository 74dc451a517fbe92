/** Which objects a rendered manifest holds. */
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

/** Names one object. Helm puts objects without a namespace of their own into the release's; that of a cluster-wide kind means nothing. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const head = z.object({ apiVersion: z.string(), kind: z.string(), metadata: z.object({ name: z.string(), namespace: z.string().optional() }) });

/** In the order of the manifest; documents that are no objects are left out. */
export function objectsOf(manifest: string, releaseNamespace: string): ObjectReference[] {
  const documents = parseAllDocuments(manifest, { logLevel: 'silent' });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) => {
    const object = head.safeParse(document.toJS());
    if (!object.success) return [];
    const { apiVersion, kind, metadata } = object.data;
    return [{ apiVersion, kind, namespace: metadata.namespace ?? releaseNamespace, name: metadata.name }];
  });
}
