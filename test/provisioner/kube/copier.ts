/** A controller as people write them, for tests: keeps a copy of every ConfigMap labelled role=source, and no other. */
import { type Clock, Controller, type KubeClient, type KubeMetrics, Reflector, resources, source } from '../../../provisioner/kube/index.ts';
import { configMap, type ConfigMap } from './config-map.ts';

const { configMaps } = resources;
const prefix = 'copy-of-';
/** A copy that somebody deletes between its making and the next list, after a watch that the server refused, is in no list and no event: only time finds it. */
const resyncMs = 300_000;

export interface Copier {
  readonly controller: Controller;
  readonly reflectors: readonly Reflector<ConfigMap>[];
}

export function copier(o: { readonly client: KubeClient; readonly namespace: string; readonly clock: Clock; readonly metrics?: KubeMetrics }): Copier {
  const { client, namespace, clock, metrics } = o;
  const common = { client, resource: configMaps, namespace, clock, silenceMs: 20_000 };
  const sources = new Reflector<ConfigMap>({ ...common, labelSelector: 'role=source' });
  const copies = new Reflector<ConfigMap>({ ...common, labelSelector: 'role=copy' });
  const controller = new Controller({
    name: 'copier',
    workers: 4,
    clock,
    metrics,
    sources: [source({ reflector: sources }), source({ reflector: copies, keys: (copy) => [`${namespace}/${copy.metadata.name.slice(prefix.length)}`] })],
    reconcile: async ({ name }, signal) => {
      const wanted = sources.get({ namespace, name });
      const copy = `${prefix}${name}`;
      if (!wanted) return void (await client.delete(configMaps, { namespace, name: copy }, { signal }));
      await client.apply(configMaps, configMap(namespace, copy, wanted.data, { role: 'copy' }), { fieldManager: 'copier', force: true, signal });
      return { requeueAfterMs: resyncMs };
    },
  });
  return { controller, reflectors: [sources, copies] };
}

/** Whether, by the API server's own account, every source has its copy and no copy is left over. */
export async function copiesAreRight(client: KubeClient, namespace: string): Promise<boolean> {
  const { items } = await client.list<ConfigMap>(configMaps, { namespace });
  const text = (role: string, skip: number): string =>
    items
      .filter((item) => item.metadata.labels?.['role'] === role)
      .map((item) => `${item.metadata.name.slice(skip)}=${JSON.stringify(item.data)}`)
      .sort()
      .join();
  return text('source', 0) === text('copy', prefix.length);
}
