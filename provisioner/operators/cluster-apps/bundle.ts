/** The Apps a cluster should have, as a pure function of its bundle, its facts and its settings. */
import { appsFor } from '../../api/bundle-check.ts';
import type { BundleFacts, FactValue } from '../../api/bundle-facts.ts';
import { fillValues } from '../../api/bundle-template.ts';
import type { BundleApp, ClusterBundleSpec } from '../../api/cluster-bundle.ts';
import { annotations, labels } from '../../api/labels.ts';
import { apiVersion, appName, bundleValuesName } from '../../api/names.ts';
import { mergeValues, type Values } from '../../helm/index.ts';
import type { AppObject } from '../app/app-object.ts';
import type { Cluster } from '../cluster.ts';
import { mirroredValues } from './mirror.ts';
import type { Target } from './target.ts';

export interface BundleInput {
  readonly target: Target;
  readonly bundle: Pick<ClusterBundleSpec, 'version' | 'apps'>;
  readonly facts: BundleFacts;
  /** Minor of Kubernetes that the bundle was chosen for. */
  readonly kubernetes: string;
  /** App of the bundle → why nobody in this fleet gets it. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** Chart values per app, merged over the bundle's in this order. */
  readonly overrides: readonly Readonly<Record<string, Values>>[];
  /** Takes the place of every image's registry; undefined: each stays. */
  readonly imageRegistry?: string | undefined;
  /** App of the bundle → shared Catalog that has its chart in this version, where this Keelson has not. */
  readonly elsewhere?: Readonly<Record<string, string>> | undefined;
}

export interface Wanted {
  /** Those that can be written, in the bundle's order; those that are left out among them. */
  readonly apps: readonly AppObject[];
  /** Those that cannot be written yet: App → facts that are missing. */
  readonly waiting: Readonly<Record<string, readonly string[]>>;
  /** App of the bundle → why. */
  readonly leftOut: Readonly<Record<string, string>>;
}

/** Only fields we own. Owned by the Cluster, so that they go with it. */
export function wantedApps(input: BundleInput): Wanted {
  const { target, bundle, facts } = input;
  const declared = appsFor(bundle, input.kubernetes).filter((app) => isFor(app, target));
  const reasons = { ...input.leftOut, ...target.without };
  const leftOut = Object.fromEntries(declared.flatMap(({ name }) => (reasons[name] === undefined ? [] : [[name, reasons[name]]])));
  const names = new Set(declared.map(({ name }) => name).filter((name) => leftOut[name] === undefined));
  const whole: Readonly<Record<string, FactValue | undefined>> = { ...facts, 'network.routedPodCidrs': routedPodCidrs(facts, names) };
  const fact = (name: string): FactValue | undefined => (name.startsWith('has.') ? names.has(name.slice('has.'.length)) : whole[name]);

  const apps: AppObject[] = [];
  const waiting: Record<string, readonly string[]> = {};
  for (const app of declared) {
    const why = leftOut[app.name];
    if (why !== undefined) {
      apps.push(appObject(app, { input, values: {}, dependsOn: [], annotations: { [annotations.leftOut]: why, [annotations.paused]: 'true' } }));
      continue;
    }
    const { values, missing } = fillValues(app.values, fact);
    if (missing.length > 0) waiting[appName(target.name, app.name)] = missing;
    else apps.push(appObject(app, { input, values: merged(app, values, input), dependsOn: app.dependsOn.filter((other) => names.has(other)) }));
  }
  return { apps, waiting, leftOut };
}

/** See docs/decisions/0002-pod-routes-are-router-routes.md. */
function routedPodCidrs(facts: BundleFacts, names: ReadonlySet<string>): FactValue | undefined {
  return names.has('cilium') && facts['network.routingMode'] === 'tunnel' ? [] : facts['cluster.podCidrs'];
}

/** A Cluster whose infrastructure is not OpenStack's has nothing to do with that cloud. */
export function isFor({ clusters, provider }: BundleApp, { kind, cluster }: Target): boolean {
  return clusters.includes(kind) && (provider === undefined || (cluster !== undefined && isOnOpenStack(cluster)));
}

export function isOnOpenStack(cluster: Cluster): boolean {
  return cluster.spec?.infrastructureRef?.kind === 'OpenStackCluster';
}

function merged(app: BundleApp, values: Values, { overrides, imageRegistry }: BundleInput): Values {
  return [imageRegistry === undefined ? {} : mirroredValues(app, imageRegistry), ...overrides.map((level) => level[app.name] ?? {})].reduce((sum, level) => mergeValues(sum, level), values);
}

interface Parts {
  readonly input: BundleInput;
  readonly values: Values;
  readonly dependsOn: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

function appObject(app: BundleApp, { input, values, dependsOn, annotations: notes }: Parts): AppObject {
  const { target: { name: cluster, namespace: home, cluster: owner, kind }, bundle } = input;
  const { name, chart, version, namespace, namespaceLabels } = app;
  const catalog = app.catalog ?? input.elsewhere?.[name];
  return {
    apiVersion,
    kind: 'App',
    metadata: {
      name: appName(cluster, name),
      namespace: home,
      labels: { [labels.clusterName]: cluster, [labels.component]: name, [labels.managedBy]: 'keelson', [labels.bundle]: bundle.version, [labels.bundleKubernetes]: input.kubernetes },
      ...(notes ? { annotations: { ...notes } } : {}),
      ...(owner?.metadata.uid === undefined ? {} : { ownerReferences: [{ apiVersion: owner.apiVersion, kind: owner.kind, name: cluster, uid: owner.metadata.uid }] }),
    },
    spec: {
      ...(kind === 'management' ? { target: 'Management' as const } : { target: 'Cluster' as const, cluster }),
      ...(catalog === undefined ? {} : { catalog: { name: catalog, shared: true } }),
      chart, version, namespace, releaseName: name, values: { ...values }, dependsOn: dependsOn.map((other) => appName(cluster, other)),
      ...(namespaceLabels ? { namespaceLabels: { ...namespaceLabels } } : {}),
      valuesFrom: ownValues(cluster, name),
      drift: { correct: true, ignoreManagers: [], ignoreFields: [] }, // what a bundle says is there, stays there: a deleted DaemonSet of a component is nobody's wish
    },
  };
}

/** A cluster's own values for its bundle: one ConfigMap and one Secret beside it, a key per app. */
function ownValues(cluster: string, key: string): NonNullable<AppObject['spec']['valuesFrom']> {
  return (['ConfigMap', 'Secret'] as const).map((kind) => ({ level: 'User', kind, name: bundleValuesName(cluster), key, optional: true }));
}
