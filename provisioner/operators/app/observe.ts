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

/** What is kept of an object to look at it again: a manifest may be megabytes, and a fleet has thousands of releases. */
export interface Watched {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Those of a release that have a health at all. Copied: a name that was cut out of a manifest keeps the whole text of it in memory (V8's sliced strings). */
export function watchedOf(objects: readonly ManifestObject[]): readonly Watched[] {
  const watched = objects.filter(speaks).map(({ apiVersion, kind, metadata: { name, namespace } }) => ({ apiVersion, kind, name, namespace }));
  return JSON.parse(JSON.stringify(watched)) as Watched[];
}

/** @throws {KubeError} */
export async function observe(watched: readonly Watched[], o: ObserveOptions): Promise<readonly Observation[]> {
  const observed = await Promise.all(watched.map((object) => observeOne(object, o)));
  return observed.filter((one) => one !== undefined);
}

/** Most Services are there or not; only one that wants a load balancer can be waited for. */
function speaks(object: ManifestObject): boolean {
  return healthCheck(object) !== undefined && (object.kind !== 'Service' || (object['spec'] as { readonly type?: string } | undefined)?.type === 'LoadBalancer');
}

async function observeOne(object: Watched, { client, place, kinds, namespace, signal }: ObserveOptions): Promise<Observation | undefined> {
  const check = healthCheck(object);
  const resource = await kinds.resourceOf(client, place, object, signal);
  if (!check) return undefined;
  const { name, namespace: own } = object;
  const ref = resource?.namespaced === false ? { name } : { namespace: own ?? namespace, name };
  const found = resource && (await client.get<KubeObject>(resource, ref, { signal }));
  return { object: `${object.kind} ${keyOf(ref)}`, health: found && check(found) };
}
