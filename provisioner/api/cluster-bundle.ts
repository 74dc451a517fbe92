/**
 * ClusterBundle: one version of what clusters get, as a list of apps with their order and the clusters they are for.
 * Bundles stand in `keelson-system` and never change: another list is another bundle. Which cluster has which is decided
 * per Cluster (docs/apps.md).
 */
import { z } from 'zod';
import { type PolicyObject, validatingPolicy } from './admission-policy.ts';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition } from './crd.ts';
import { conditions, observedGeneration, type ObjectMeta } from './metadata.ts';
import { apiVersion, group, version } from './names.ts';
import { immutable, opaque, rules } from './openapi.ts';

const label = z.string().min(1).max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
/** Bundle versions become labels, so build metadata (+) has no place in them. */
const bundleVersion = z.string().max(63).regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);
const minor = z.string().regex(/^1\.\d{1,3}$/);
const minors = z.object({
  min: minor.describe('The oldest, as 1.35.'),
  max: minor.describe('The newest.'),
});

/** ours: of our class. foreign: of another class, with the label keelson.dev/managed. management: the cluster that Keelson itself runs in. */
export const clusterKinds = ['ours', 'foreign', 'management'] as const;
export type ClusterKind = (typeof clusterKinds)[number];

export const bundleApp = z
  .object({
    name: label.describe('Name in the bundle, and of the Helm release. It may come twice, for minors of Kubernetes that do not overlap.'),
    description: z.string().max(300).optional().describe('What it is for, in a sentence.'),
    chart: z.string().min(1).max(512).describe('Name of a chart that ships with Keelson or stands in the catalog, or an OCI reference.'),
    version: z.string().min(1).max(64).describe('Exact version of the chart.'),
    catalog: label.optional().describe('Catalog the chart comes from. Not given: it ships with Keelson.'),
    namespace: label.describe('Namespace in the cluster; created when missing.'),
    namespaceLabels: z.record(z.string(), z.string()).optional().describe('Labels of that namespace.'),
    dependsOn: z.array(label).max(64).default([]).describe('Apps of the bundle that must be healthy first. One that a cluster does not get is not waited for.'),
    clusters: z.array(z.enum(clusterKinds)).min(1).default([...clusterKinds]).describe('Kinds of clusters that get it: ours (of the class), foreign (with the label keelson.dev/managed), management.'),
    provider: z.enum(['openstack']).optional().describe('Only on this cloud.'),
    kubernetes: minors.optional().describe('Only with these minors of Kubernetes.'),
    values: opaque().default({}).describe('Values for the chart. ${…} is filled in from the cluster, see docs/apps.md.'),
    images: z.record(z.string(), z.string()).optional().describe('For a chart without global.imageRegistry: path of a value → the image that stands there, with its registry, which a mirror takes the place of.'),
  })
  .describe('One app.');

export const clusterBundleSpec = z
  .object({
    version: bundleVersion.meta(rules(immutable('the version of a bundle'))).describe('Version of the bundle (SemVer).'),
    kubernetes: minors.describe('Minors of Kubernetes it is for.'),
    apps: z.array(bundleApp).min(1).max(64).describe('The apps, in the order of installation where dependsOn leaves it open.'),
  })
  .describe('What clusters get.');

export const clusterBundleStatus = z.object({ observedGeneration, conditions }).describe('What is.');

export type BundleApp = z.output<typeof bundleApp>;
export type ClusterBundleSpec = z.output<typeof clusterBundleSpec>;
export type ClusterBundleStatus = z.output<typeof clusterBundleStatus>;
export type ClusterBundle = { apiVersion: typeof apiVersion; kind: 'ClusterBundle'; metadata: ObjectMeta; spec: ClusterBundleSpec; status?: ClusterBundleStatus };

export function clusterBundleDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    kind: 'ClusterBundle',
    plural: 'clusterbundles',
    version,
    description: 'ClusterBundle is one version of the apps that clusters get.',
    spec: clusterBundleSpec,
    status: clusterBundleStatus,
    columns: [
      { name: 'Version', type: 'string', jsonPath: '.spec.version' },
      { name: 'From', type: 'string', jsonPath: '.spec.kubernetes.min', description: 'Oldest minor of Kubernetes.' },
      { name: 'To', type: 'string', jsonPath: '.spec.kubernetes.max', description: 'Newest minor of Kubernetes.' },
      { name: 'Valid', type: 'string', jsonPath: '.status.conditions[?(@.type=="Valid")].status' },
      ageColumn,
    ],
  });
}

/**
 * Refuses every change of a bundle's spec. A rule in the CRD could not: CEL there does not see the values, whose schema is
 * open (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#available-validation-rules).
 */
export function immutableBundlesPolicy(): PolicyObject[] {
  return validatingPolicy('keelson-immutable-bundles', {
    matchConstraints: { resourceRules: [{ apiGroups: [group], apiVersions: ['*'], operations: ['UPDATE'], resources: ['clusterbundles'] }] },
    validations: [{ expression: 'object.spec == oldObject.spec', message: 'a ClusterBundle never changes, because clusters have it as it is; create another one with another spec.version', reason: 'Forbidden' }],
  });
}

/** -1, 0 or 1: minors as numbers, "1.9" before "1.10". */
export function compareMinors(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => Number(text.split('.')[1]));
  return Math.sign((x ?? 0) - (y ?? 0));
}

export function isWithin(minor: string, range: { readonly min: string; readonly max: string } | undefined): boolean {
  return !range || (compareMinors(range.min, minor) <= 0 && compareMinors(minor, range.max) <= 0);
}

/** SemVer 2.0.0, section 11. */
export function compareVersions(a: string, b: string): number {
  const [coreA, coreB] = [core(a), core(b)];
  for (const [i, part] of coreA.numbers.entries()) {
    if (part !== coreB.numbers[i]) return Math.sign(part - (coreB.numbers[i] ?? 0));
  }
  if (coreA.pre.length === 0 || coreB.pre.length === 0) return Math.sign(coreB.pre.length - coreA.pre.length);
  for (let i = 0; i < Math.max(coreA.pre.length, coreB.pre.length); i++) {
    const order = comparePart(coreA.pre[i], coreB.pre[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function core(text: string): { readonly numbers: readonly number[]; readonly pre: readonly string[] } {
  const [numbers = '', ...pre] = text.split('-');
  return { numbers: numbers.split('.').map(Number), pre: pre.length === 0 ? [] : pre.join('-').split('.') };
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA && isNumberB) return Math.sign(Number(a) - Number(b));
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}
