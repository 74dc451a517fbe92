/** The values of an App that has no release yet. Whoever makes values and then the App means both; the watch over values may be behind the one over Apps, and the first release would go without them. */
import { labels } from '../../api/labels.ts';
import { type KubeClient, type KubeObject, keyOf, type ObjectRef, resources } from '../../kube/index.ts';
import type { AppObject } from './app-object.ts';
import { type ValueObjects, valueObjectsOf } from './value-layers.ts';

/** What is known, and what the API server has of the rest: of an App without a release. Others hear of a change when it comes. @throws {KubeError} */
export async function valuesAtFirst(app: AppObject, known: ValueObjects, client: Pick<KubeClient, 'list'>, signal: AbortSignal): Promise<ValueObjects> {
  if (app.status?.release !== undefined) return known;
  const { namespace = '' } = app.metadata;
  const unknown = valueObjectsOf(app).filter(({ kind, name }) => !known.get(kind, { namespace, name }));
  const asked = await Promise.all(unknown.map(async ({ kind, name }) => {
    // By name and label at once: without the label nothing is read.
    const { items } = await client.list<KubeObject>(kind === 'ConfigMap' ? resources.configMaps : resources.secrets, { namespace, fieldSelector: `metadata.name=${name}`, labelSelector: `${labels.appValues}=true`, signal });
    return [`${kind} ${keyOf({ namespace, name })}`, items[0]] as const;
  }));
  const found = new Map(asked);
  return { get: (kind: 'ConfigMap' | 'Secret', ref: ObjectRef) => known.get(kind, ref) ?? found.get(`${kind} ${keyOf(ref)}`) };
}
