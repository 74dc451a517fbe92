/** The controllers of Apps and Catalogs over one API server that is management and workload cluster at once, and what tests of them do again and again. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { AddressPolicy, ChartStore, Helm } from '../../../../provisioner/helm/index.ts';
import { type Condition, type Controller, findCondition, type KubeObject, Reflector, resources } from '../../../../provisioner/kube/index.ts';
import type { AppObject } from '../../../../provisioner/operators/app/app-object.ts';
import { catalogController } from '../../../../provisioner/operators/app/catalog-controller.ts';
import type { CatalogObject } from '../../../../provisioner/operators/app/catalog-object.ts';
import { appCharts, appController, type AppControllerOptions } from '../../../../provisioner/operators/app/controller.ts';
import type { Cluster } from '../../../../provisioner/operators/cluster.ts';
import { kubeconfigSecrets, RemoteClusters } from '../../../../provisioner/operators/remote.ts';
import type { ApiServer } from '../../../fixtures/api-server.ts';
import { toolsBin } from '../../../fixtures/needs.ts';
import { namespace } from '../fleet.ts';
import { eventually, startControllers, type TestContext } from '../surroundings.ts';

export interface Running {
  readonly controllers: readonly Controller[];
  stop(): Promise<void>;
}

export function startAppControllers(api: ApiServer, context: TestContext, o: { readonly charts: string; readonly kept: string } & Partial<AppControllerOptions>): Running {
  const seams = { client: api.client, log: context.log };
  const kubeconfigs = kubeconfigSecrets(context);
  const remotes = new RemoteClusters({ secrets: kubeconfigs });
  const labelSelector = 'keelson.dev/app-values=true';
  const store = new ChartStore({ folder: o.kept, policy: new AddressPolicy({ allowedCidrs: ['127.0.0.1/32'], plainHttpHosts: ['127.0.0.1'] }), timeoutMs: 5000 });
  const catalogs = { objects: new Reflector<CatalogObject>({ ...seams, resource: resources.catalogs }), store };
  const controllers = [
    catalogController({ context, catalogs: catalogs.objects, store, charts: appCharts({ context, chartsDir: o.charts, catalogs }) }),
    appController({
      context, chartsDir: o.charts, workers: 2, remotes, kubeconfigs, catalogs, backoff: { baseMs: 200, maxMs: 1000 }, reach: { baseMs: 300, maxMs: 1000 },
      helm: new Helm({ binary: join(toolsBin, 'helm'), pendingAfterMs: 0 }),
      values: { configMaps: new Reflector<KubeObject>({ ...seams, resource: resources.configMaps, labelSelector }), secrets: new Reflector<KubeObject>({ ...seams, resource: resources.secrets, labelSelector }) },
      management: { client: api.client, kubeconfig: api.kubeconfig, ownerNamespaces: ['keelson-system'] },
      apps: new Reflector<AppObject>({ ...seams, resource: resources.apps }),
      clusters: new Reflector<Cluster>({ ...seams, resource: resources.clusters }),
      ...o,
    }),
  ];
  const stop = startControllers(controllers);
  return { controllers, stop: async () => (await stop(), remotes.close()) };
}

/** What tests ask of Apps, in one namespace. */
export function appsOf(api: ApiServer, at = namespace) {
  const { client } = api;
  const get = (name: string) => client.get<AppObject>(resources.apps, { namespace: at, name });
  return {
    get,
    create: (name: string, spec: object, metadata: object = {}) =>
      client.create(resources.apps, { apiVersion: 'keelson.dev/v1alpha1', kind: 'App', metadata: { name, namespace: at, ...metadata }, spec: { namespace: 'apps', ...spec } }),
    patch: (name: string, body: object) => client.patch<AppObject>(resources.apps, { namespace: at, name }, { type: 'merge', body }),
    remove: (name: string) => client.delete(resources.apps, { namespace: at, name }),
    gone: (name: string) => eventually(async () => (await get(name)) === undefined),
    /** Waits for a condition of it, and gives the App back. */
    until: (name: string, want: Partial<Condition>, type = 'Ready') =>
      eventually(async () => {
        const app = await get(name);
        const found = findCondition(app?.status?.conditions, type);
        const isCurrent = type !== 'Ready' || app?.status?.observedGeneration === app?.metadata.generation;
        if (app && found && isCurrent && Object.entries(want).every(([field, value]) => found[field as keyof Condition] === value)) return { app, message: found.message };
        throw new Error(`${name}: ${type} is ${JSON.stringify(found)}`);
      }),
  };
}

export const values = (kind: 'ConfigMap' | 'Secret', name: string, yaml: string): KubeObject => ({
  apiVersion: 'v1', kind, metadata: { name, namespace, labels: { 'keelson.dev/app-values': 'true' } }, [kind === 'Secret' ? 'stringData' : 'data']: { 'values.yaml': yaml },
});

/** A wire to a server that can be cut: every byte goes through it. */
export interface Wire {
  readonly port: number;
  /** Connections that were made, or tried, so far. */
  readonly tries: () => number;
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startWire(to: number): Promise<Wire> {
  const open = new Set<Socket>();
  let isCut = false;
  let tries = 0;
  const server: Server = createServer((near) => {
    tries++;
    if (isCut) return void near.resetAndDestroy();
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => undefined).on('close', () => (open.delete(socket), near.destroy(), far.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const reset = (): void => open.forEach((socket) => socket.resetAndDestroy());
  return {
    port, tries: () => tries,
    cut: () => { isCut = true; reset(); },
    mend: () => void (isCut = false),
    stop: async () => { reset(); await new Promise((resolve) => server.close(resolve)); },
  };
}
