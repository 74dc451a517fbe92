/** How the objects of a release are. */
import type { ManifestObject } from '../../helm/index.ts';
import { keyOf, type KubeClient, type KubeObject } from '../../kube/index.ts';
import { healthCheck } from './health.ts';
import type { Kinds } from './kinds.ts';
import type { Observation } from './verdict.ts';

export interface ObserveOptions {
  readonly client: KubeClient;
  readonly place: string;
  readonly kinds: Kinds;
  /** Of the release. */
  readonly namespace: string;
  readonly signal?: AbortSignal | undefined;
}

/** Of those that have a health at all. @throws {KubeError} */
export async function observe(objects: readonly ManifestObject[], o: ObserveOptions): Promise<readonly Observation[]> {
  const observed = await Promise.all(objects.filter(speaks).map((object) => observeOne(object, o)));
  return observed.filter((one) => one !== undefined);
}

/** Most Services are there or not; only one that wants a load balancer can be waited for. */
function speaks(object: ManifestObject): boolean {
  return healthCheck(object) !== undefined && (object.kind !== 'Service' || (object['spec'] as { readonly type?: string } | undefined)?.type === 'LoadBalancer');
}

async function observeOne(object: ManifestObject, { client, place, kinds, namespace, signal }: ObserveOptions): Promise<Observation | undefined> {
  const check = healthCheck(object);
  const resource = await kinds.resourceOf(client, place, object, signal);
  if (!check) return undefined;
  const { name, namespace: own } = object.metadata;
  const ref = resource?.namespaced === false ? { name } : { namespace: own ?? namespace, name };
  const found = resource && (await client.get<KubeObject>(resource, ref, { signal }));
  return { object: `${object.kind} ${keyOf(ref)}`, health: found && check(found) };
}
