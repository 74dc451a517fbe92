/** The values of an App as layers, lowest first: chart → catalog → cluster → bundle → app → user, at each level ConfigMaps before Secrets. */
import { load } from 'js-yaml';
import { withoutExpired } from '../../../policies/pods/exception.ts';
import { type ValueLevel, valueLevels } from '../../api/app.ts';
import { labels } from '../../api/labels.ts';
import { userValuesName } from '../../api/names.ts';
import { type Layer, leaves, mergeValues, type Values } from '../../helm/index.ts';
import type { Clock, KubeObject, ObjectRef } from '../../kube/index.ts';
import { OperatorError } from '../errors.ts';
import type { AppObject } from './app-object.ts';
import type { CatalogObject } from './catalog-object.ts';

/** ConfigMaps and Secrets with the label keelson.dev/app-values. */
export interface ValueObjects {
  get(kind: 'ConfigMap' | 'Secret', ref: ObjectRef): KubeObject | undefined;
}

export interface ReleaseValues {
  /** Without the chart's own, which Helm reads itself. */
  readonly layers: readonly Layer[];
  readonly merged: Values;
  /** Strings in them that are secret. */
  readonly secrets: readonly string[];
}

/** @throws {OperatorError} VALUES_UNREADABLE, with the object and never its content */
export function releaseValues(app: AppObject, o: { readonly objects: ValueObjects; readonly catalog: CatalogObject | undefined; readonly clock: Pick<Clock, 'now'> }): ReleaseValues {
  const layers = [...catalogLayers(o.catalog, o.objects), ...valueLevels.flatMap((level) => levelLayers(app, level, o.objects))];
  const merged = mergeValues(...layers.map(({ values }) => values));
  return {
    layers,
    // Exceptions of the chart policies have an end; past it the release is made anew without them. See docs/decisions/0011-exceptions-are-chart-values.md.
    merged: app.spec.chart === 'policies' && app.spec.catalog === undefined ? withoutExpired(merged, o.clock.now()) : merged,
    secrets: layers.filter(({ isSecret }) => isSecret).flatMap(({ values }) => leaves(values)),
  };
}

/** The objects an App's values come from, in its namespace: their changes are its changes. */
export function valueObjectsOf(app: AppObject): readonly ValueObjectName[] {
  return [...(app.spec.valuesFrom ?? []), ...userReferences(app)];
}

export interface ValueObjectName {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
}

interface Reference extends ValueObjectName {
  readonly key: string;
  readonly optional: boolean;
}

function levelLayers(app: AppObject, level: ValueLevel, objects: ValueObjects): readonly Layer[] {
  const { namespace = '' } = app.metadata;
  const named: readonly Reference[] = (app.spec.valuesFrom ?? []).filter((reference) => reference.level === level);
  const references = level === 'User' ? [...named, ...userReferences(app)] : named;
  const inline: readonly Layer[] = level === 'App' ? [{ source: 'spec.values', values: app.spec.values as Values }] : [];
  const ofKind = (kind: Reference['kind']): readonly Layer[] =>
    references.filter((reference) => reference.kind === kind).flatMap((reference) => layer(reference, { namespace, level: level.toLowerCase(), objects }) ?? []);
  return [...inline, ...ofKind('ConfigMap'), ...ofKind('Secret')];
}

function userReferences(app: AppObject): readonly Reference[] {
  const name = userValuesName(app.metadata.name);
  return (['ConfigMap', 'Secret'] as const).map((kind) => ({ kind, name, key: 'values.yaml', optional: true }));
}

function catalogLayers(catalog: CatalogObject | undefined, objects: ValueObjects): readonly Layer[] {
  if (!catalog) return [];
  const { configMap, secret } = catalog.spec.values ?? {};
  const at = { namespace: catalog.metadata.namespace ?? '', level: 'catalog', objects };
  const reference = (kind: Reference['kind'], name: string | undefined): readonly Layer[] => (name === undefined ? [] : [layer({ kind, name, key: 'values.yaml', optional: false }, at)].filter((one) => one !== undefined));
  return [...reference('ConfigMap', configMap), ...reference('Secret', secret)];
}

function layer({ kind, name, key, optional }: Reference, at: { readonly namespace: string; readonly level: string; readonly objects: ValueObjects }): Layer | undefined {
  const what = `${kind} ${at.namespace}/${name}`;
  const object = at.objects.get(kind, { namespace: at.namespace, name });
  if (!object) {
    if (optional) return undefined;
    throw new OperatorError('VALUES_UNREADABLE', `${what} with values of the ${at.level} is not there, or lacks the label ${labels.appValues}: "true"`);
  }
  const data = (object['data'] as Readonly<Record<string, string>> | undefined)?.[key];
  if (data === undefined) {
    if (optional) return undefined;
    throw new OperatorError('VALUES_UNREADABLE', `${what} has no key ${key}`);
  }
  const text = kind === 'Secret' ? Buffer.from(data, 'base64').toString('utf8') : data;
  return { source: `${what} (${at.level})`, values: mapping(text, `${what}, ${key}`), isSecret: kind === 'Secret' };
}

function mapping(text: string, what: string): Values {
  let read: unknown;
  try {
    read = load(text) ?? {};
  } catch (cause) {
    const line = (cause as { mark?: { line?: number } }).mark?.line;
    throw new OperatorError('VALUES_UNREADABLE', `${what}: not valid YAML${line === undefined ? '' : ` at line ${line + 1}`}`);
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) throw new OperatorError('VALUES_UNREADABLE', `${what}: values are a mapping, like "replicas: 2"`);
  return read as Values;
}
