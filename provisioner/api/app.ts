/**
 * App: one Helm release in one cluster. It stands beside its Cluster; the operator installs it with the kubeconfig
 * from the Cluster's Secret, after the Apps it depends on are Ready. All it refers to stands in its own namespace, but
 * for the shared catalogs of the fleet's owners.
 */
import { z } from 'zod';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition, readyColumn, reasonColumn } from './crd.ts';
import { conditions, observedGeneration, type ObjectMeta } from './metadata.ts';
import { apiVersion, version } from './names.ts';
import { immutable, opaque, rules } from './openapi.ts';

const label = z.string().min(1).max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const objectName = z.string().min(1).max(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** Whose values an object holds; later levels win. Below them stand the chart's own and the catalog's. */
export const valueLevels = ['Cluster', 'Bundle', 'App', 'User'] as const;
export type ValueLevel = (typeof valueLevels)[number];

const catalogReference = z
  .object({
    name: objectName.describe('Name of the Catalog.'),
    shared: z.boolean().default(false).describe("The Catalog is one of the fleet's owners, in their namespace; else it stands beside the App."),
  })
  .describe('Where the chart comes from. Not given: it ships with Keelson, or spec.chart is an OCI reference.');

const valuesReference = z.object({
  level: z.enum(valueLevels).default('App').describe('Its place in the order; within a level ConfigMaps come before Secrets, and each kind in the order of this list.'),
  kind: z.enum(['ConfigMap', 'Secret']).describe('What holds the values.'),
  name: objectName.describe('Its name, beside the App. It carries the label keelson.dev/app-values: "true"; without it nothing is read.'),
  key: z.string().min(1).max(253).default('values.yaml').describe('The key with the YAML.'),
  optional: z.boolean().default(false).describe('Go on without it where it does not exist.'),
});

const drift = z
  .object({
    correct: z.boolean().default(false).describe('Take back what somebody changed, in the fields that the chart sets; else it is only told.'),
    ignoreManagers: z.array(z.string().min(1).max(128)).max(32).default([]).describe('Field managers whose changes are meant, such as an operator of your own. Autoscalers and the controllers of Kubernetes always are.'),
    ignoreFields: z.array(z.string().min(1).max(256)).max(64).default([]).describe('Fields that may differ, with all below them: spec.replicas, or only of a kind: Deployment:spec.replicas.'),
  })
  .prefault({})
  .describe('What becomes of changes by others in the cluster.');

export const appSpec = z
  .object({
    target: z.enum(['Cluster', 'Management']).default('Cluster').meta(rules(immutable('the target'))).describe("Where: a Cluster of the same namespace, or the management cluster itself. That is for namespaces of the fleet's owners only, and with the rights of the ServiceAccount keelson-apps there."),
    cluster: label.optional().describe('Name of the Cluster in the same namespace; with target Cluster only.'),
    catalog: catalogReference.optional(),
    chart: z.string().min(1).max(512).describe('Name of a chart of the catalog; without one, of a chart that ships with Keelson, or an OCI reference (oci://registry/path/chart).'),
    version: z.string().min(1).max(64).optional().describe('Exact version of the chart. Not given: the version that ships with this Keelson; charts from elsewhere need one.'),
    namespace: label.meta(rules(immutable('the namespace'))).describe('Namespace in the cluster; created when missing.'),
    namespaceLabels: z.record(z.string(), z.string().max(63)).default({}).describe('Labels of that namespace, such as its Pod Security level. Labels of others stay.'),
    releaseName: z.string().min(1).max(53).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).optional().describe('Name of the Helm release. Not given: the name of the App. Helm allows 53 characters.'),
    values: opaque().default({}).describe('Values for the chart, at level App below its ConfigMaps and Secrets.'),
    valuesFrom: z.array(valuesReference).max(32).default([]).describe('More values. The ConfigMap and the Secret <app>-user-values are taken at level User without being named.'),
    dependsOn: z.array(z.string().min(1).max(253)).max(64).default([]).meta({ 'x-kubernetes-list-type': 'set' }).describe('Names of Apps in the same namespace that must be Ready first.'),
    patienceSeconds: z.int().min(10).max(86_400).optional().describe('How long its workloads may take to become healthy after a change, in seconds. Not given: what the operator is set to, 300.'),
    crds: z.enum(['Upgrade', 'Skip']).default('Upgrade').describe("The CRDs in the chart's folder crds/: make them and bring them to the chart's version before each upgrade, or leave them to others."),
    onUpgradeFailure: z.enum(['Rollback', 'Keep']).default('Rollback').describe('After an upgrade that failed or did not become healthy: back to the last revision that was, or leave it as it is.'),
    drift,
  })
  .meta(rules(
    { rule: 'has(self.releaseName) == has(oldSelf.releaseName) && (!has(self.releaseName) || self.releaseName == oldSelf.releaseName)', message: 'the release name cannot be changed', reason: 'FieldValueForbidden' },
    { rule: 'has(self.cluster) == has(oldSelf.cluster) && (!has(self.cluster) || self.cluster == oldSelf.cluster)', message: 'the cluster cannot be changed', reason: 'FieldValueForbidden' },
    { rule: "has(self.cluster) == (self.target == 'Cluster')", message: 'give cluster with target Cluster, and only then', reason: 'FieldValueInvalid' },
    { rule: '!has(self.catalog) || has(self.version)', message: 'a chart of a catalog needs an exact version', reason: 'FieldValueRequired' },
  ))
  .describe('What to install where.');

const release = z.object({
  name: z.string().describe('Name of the Helm release.'),
  namespace: z.string().describe('Its namespace in the cluster.'),
  chart: z.string().describe('Chart of the installed revision.'),
  version: z.string().describe('Chart version of the installed revision.'),
  revision: z.int().min(1).describe('Revision number Helm counts.'),
  digest: z.string().describe('Digest of chart and values; the same digest needs no upgrade.'),
  chartDigest: z.string().optional().describe('Digest of the chart alone: what is installed is known by it when a later Keelson no longer holds the chart.'),
});

export const appStatus = z
  .object({
    observedGeneration,
    release: release.optional().describe('The release as it was last installed.'),
    lastGood: release.optional().describe('The last revision whose workloads were healthy: where a rollback goes.'),
    failed: z
      .object({
        digest: z.string().describe('Chart and values that failed.'),
        attempts: z.int().min(1).describe('How often they were tried.'),
        retryAt: z.string().meta({ format: 'date-time' }).describe('When they are tried again by themselves.'),
        message: z.string().max(4096).describe('What happened.'),
      })
      .optional()
      .describe('An upgrade that was rolled back.'),
    drift: z
      .object({
        checkedAt: z.string().meta({ format: 'date-time' }).describe('When the cluster was last compared.'),
        total: z.int().min(0).describe('How many fields differ.'),
        fields: z.array(z.object({
          object: z.string().describe('Kind, namespace and name.'),
          field: z.string().describe('Path of the field; empty where the object is gone.'),
          change: z.enum(['changed', 'added', 'deleted']).describe('changed: a field the chart sets; added: one that a person put there; deleted: the object.'),
          by: z.string().describe('The field manager that did it, where known.'),
        })).max(50).describe('The first of them.'),
      })
      .optional()
      .describe('The last comparison of the cluster with the release.'),
    handledRequest: z.string().max(256).optional().describe('The value of the annotation keelson.dev/requested-at that was last acted on.'),
    conditions,
  })
  .describe('What is.');

export type AppSpec = z.output<typeof appSpec>;
export type AppStatus = z.output<typeof appStatus>;
export type App = { apiVersion: typeof apiVersion; kind: 'App'; metadata: ObjectMeta; spec: AppSpec; status?: AppStatus };

/** Release name of an App: its own, or the App's. */
export const releaseName = (app: { readonly metadata: { readonly name: string }; readonly spec: { readonly releaseName?: string | undefined } }): string => app.spec.releaseName ?? app.metadata.name.slice(0, 53).replace(/-+$/, '');

export function appDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    kind: 'App',
    plural: 'apps',
    version,
    description: 'App is one Helm release in one cluster.',
    spec: appSpec,
    status: appStatus,
    rules: [{ rule: '!self.spec.dependsOn.exists(name, name == self.metadata.name)', message: 'an App cannot depend on itself' }],
    columns: [
      { name: 'Cluster', type: 'string', jsonPath: '.spec.cluster' },
      { name: 'Chart', type: 'string', jsonPath: '.spec.chart' },
      { name: 'Version', type: 'string', jsonPath: '.status.release.version' },
      readyColumn,
      reasonColumn,
      { name: 'Drifted', type: 'string', jsonPath: '.status.conditions[?(@.type=="Drifted")].status', priority: 1 },
      ageColumn,
    ],
  });
}
