/**
 * App: one Helm release in one cluster. It stands beside its Cluster; the operator installs it with the kubeconfig
 * from the Cluster's Secret, after the Apps it depends on are Ready.
 */
import { z } from 'zod';
import { customResourceDefinition, type CustomResourceDefinition } from './crd.ts';
import { conditions, type ObjectMeta } from './metadata.ts';
import { apiVersion, version } from './names.ts';
import { immutable, opaque, rules } from './openapi.ts';

const label = z.string().min(1).max(63).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

export const appSpec = z
  .object({
    cluster: label.meta(rules(immutable('the cluster'))).describe('Name of the Cluster in the same namespace.'),
    chart: z.string().min(1).max(512).describe('Name of a chart that ships with Keelson, or an OCI reference (oci://registry/path/chart).'),
    version: z.string().min(1).max(64).optional().describe('Version of the chart. Not given: the version that ships with this Keelson.'),
    namespace: label.meta(rules(immutable('the namespace'))).describe('Namespace in the cluster; created when missing.'),
    releaseName: z.string().min(1).max(53).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).optional().describe('Name of the Helm release. Not given: the name of the App. Helm allows 53 characters.'),
    values: opaque().default({}).describe("Values for the chart, over the chart's own defaults."),
    dependsOn: z.array(z.string().min(1).max(253)).max(64).default([]).meta({ 'x-kubernetes-list-type': 'set' }).describe('Names of Apps in the same namespace that must be Ready first.'),
  })
  .meta(rules({ rule: 'has(self.releaseName) == has(oldSelf.releaseName) && (!has(self.releaseName) || self.releaseName == oldSelf.releaseName)', message: 'the release name cannot be changed', reason: 'FieldValueForbidden' }))
  .describe('What to install where.');

export const appStatus = z
  .object({
    observedGeneration: z.int().min(0).optional().describe('The generation of the spec that was last acted on.'),
    release: z
      .object({
        name: z.string().describe('Name of the Helm release.'),
        namespace: z.string().describe('Its namespace in the cluster.'),
        chart: z.string().describe('Chart of the installed revision.'),
        version: z.string().describe('Chart version of the installed revision.'),
        revision: z.int().min(1).describe('Revision number Helm counts.'),
        digest: z.string().describe('Digest of chart and values; the same digest needs no upgrade.'),
      })
      .optional()
      .describe('The release as it was last installed.'),
    conditions,
  })
  .describe('What is.');

export type AppSpec = z.output<typeof appSpec>;
export type AppStatus = z.output<typeof appStatus>;
export type App = { apiVersion: typeof apiVersion; kind: 'App'; metadata: ObjectMeta; spec: AppSpec; status?: AppStatus };

/** Release name of an App: its own, or the App's. */
export const releaseName = (app: Pick<App, 'metadata' | 'spec'>): string => app.spec.releaseName ?? app.metadata.name.slice(0, 53).replace(/-+$/, '');

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
      { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
      { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
      { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    ],
  });
}
