/** An App as the operator sees it, for commands: its values, its chart, the way to its cluster. */
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { labels } from '../../../api/labels.ts';
import { kubeconfigSecretName, systemNamespace } from '../../../api/names.ts';
import { AddressPolicy, chartDefaults, ChartStore, type Layer, readChart } from '../../../helm/index.ts';
import { fromKubeconfig, keyOf, type KubeClient, type KubeObject, type ObjectRef, resources } from '../../../kube/index.ts';
import type { AppObject } from '../../../operators/app/app-object.ts';
import type { CatalogObject } from '../../../operators/app/catalog-object.ts';
import { Charts } from '../../../operators/app/chart.ts';
import { clusterRef } from '../../../operators/app/place.ts';
import { type ReleaseValues, releaseValues } from '../../../operators/app/value-layers.ts';
import type { CliContext } from '../../context.ts';
import { CliError } from '../../errors.ts';
import { type ManagementOptions, readText } from '../cluster/management.ts';

export interface AppOptions extends ManagementOptions {
  readonly chartsDir?: string;
  readonly helm: string;
}

export interface LoadedApp {
  readonly app: AppObject;
  readonly values: ReleaseValues;
  /** The chart's own values, as the lowest layer. */
  readonly defaults: Layer;
  readonly chartVersion: string;
  /** Folder or archive. */
  readonly chartPath: string;
}

/** @throws CliError CLI_BAD_OPTION for an App that is not there; OperatorError, RepositoryError as the App's condition would tell them; KubeError */
export async function loadApp(context: CliContext, client: KubeClient, ref: { readonly namespace: string; readonly name: string }, options: AppOptions): Promise<LoadedApp> {
  const { signal } = context;
  const app = await findApp(client, ref, signal);
  const catalogs = await catalogOf(client, app, signal);
  const chartsDir = options.chartsDir ?? join(context.repository, 'charts');
  // On a person's machine the network is the person's own.
  const policy = new AddressPolicy({ allowedCidrs: ['0.0.0.0/0', '::/0'], plainHttpHosts: ['*'] });
  const store = new ChartStore({ folder: join(tmpdir(), `keelson-charts-${userInfo().uid}`), policy });
  const charts = new Charts({ chartsDir, store, catalogs: { get: (at) => catalogs.find(({ metadata }) => keyOf(metadata) === keyOf(at)) }, sharedNamespace: systemNamespace, client });
  const objects = await valueObjects(client, [ref.namespace, ...catalogs.map(({ metadata }) => metadata.namespace ?? '')], signal);
  const values = releaseValues(app, { objects, catalog: charts.catalogOf(app), clock: { now: () => new Date() } });
  const chart = await charts.find(app);
  const chartPath = await chart.path(signal);
  return { app, values, chartPath, chartVersion: chart.version, defaults: { source: 'chart', values: chartDefaults(await readChart(chartPath)) } };
}

/** @throws CliError CLI_BAD_OPTION */
export async function findApp(client: KubeClient, ref: { readonly namespace: string; readonly name: string }, signal: AbortSignal): Promise<AppObject> {
  const app = await client.get<AppObject>(resources.apps, ref, { signal });
  if (!app) throw new CliError('CLI_BAD_OPTION', `there is no App ${keyOf(ref)}; --namespace says where to look`);
  return app;
}

/** The cluster of an App, in the name of whoever runs the command. @throws CliError CLI_BAD_OPTION where there is no kubeconfig */
export async function withTarget(context: CliContext, management: { readonly client: KubeClient; readonly options: AppOptions }, app: AppObject, run: (client: KubeClient, kubeconfig: string) => Promise<void>): Promise<void> {
  const { client, options } = management;
  const ref = clusterRef(app);
  if (!ref) return await run(client, await readText(options.kubeconfig ?? context.env['KUBECONFIG'] ?? '', '--kubeconfig'));
  const secret = await client.get<KubeObject & { data?: { value?: string } }>(resources.secrets, { namespace: ref.namespace, name: kubeconfigSecretName(ref.name) }, { signal: context.signal });
  if (secret?.data?.value === undefined) throw new CliError('CLI_BAD_OPTION', `Cluster ${keyOf(ref)} has no kubeconfig yet, or you may not read it`);
  const kubeconfig = Buffer.from(secret.data.value, 'base64').toString('utf8');
  const target = await fromKubeconfig(kubeconfig, { userAgent: 'keelson-app' });
  try {
    await run(target, kubeconfig);
  } finally {
    target.close();
  }
}

async function catalogOf(client: KubeClient, app: AppObject, signal: AbortSignal): Promise<readonly CatalogObject[]> {
  const { catalog } = app.spec;
  if (!catalog) return [];
  const found = await client.get<CatalogObject>(resources.catalogs, { namespace: catalog.shared ? systemNamespace : app.metadata.namespace, name: catalog.name }, { signal });
  return found ? [found] : [];
}

async function valueObjects(client: KubeClient, namespaces: readonly string[], signal: AbortSignal): Promise<{ get(kind: 'ConfigMap' | 'Secret', ref: ObjectRef): KubeObject | undefined }> {
  const found = new Map<string, KubeObject>();
  for (const namespace of new Set(namespaces)) {
    for (const resource of [resources.configMaps, resources.secrets]) {
      const { items } = await client.list<KubeObject>(resource, { namespace, labelSelector: `${labels.appValues}=true`, signal });
      for (const item of items) found.set(`${resource.kind} ${keyOf(item.metadata)}`, item);
    }
  }
  return { get: (kind, ref) => found.get(`${kind} ${keyOf(ref)}`) };
}
