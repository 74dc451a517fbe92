/**
 * Catalog: a repository of Helm charts and its mirrors. One beside an App serves Apps of its namespace; those in the
 * namespace of the fleet's owners serve all, where an App says `shared`.
 */
import { z } from 'zod';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition, readyColumn, reasonColumn } from './crd.ts';
import { conditions, observedGeneration, type ObjectMeta } from './metadata.ts';
import { apiVersion, version } from './names.ts';
import { rules } from './openapi.ts';

const objectName = z.string().min(1).max(253).regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

export const catalogSpec = z
  .object({
    description: z.string().max(1024).optional().describe('What is in it, for people.'),
    repositories: z
      .array(z.object({ url: z.string().min(8).max(512).meta(rules({ rule: "self.matches('^(https?|oci)://[^@\\\\s?#]+$')", message: 'an address is https://host/path or oci://host/path, without credentials, query or fragment' })).describe('Address: https:// of a Helm repository (index.yaml below it) or oci:// of a registry path (charts below it). http:// only where the operator allows it.') }))
      .min(1)
      .max(8)
      .describe('The repository, and mirrors of it: tried in this order until one answers.'),
    secret: objectName.optional().describe('Secret beside the Catalog with username and password for all of its addresses, and the label keelson.dev/catalog-login: "true"; without it nothing is sent.'),
    ca: z.string().max(65_536).optional().describe("PEM certificates that sign the servers', instead of the usual ones."),
    values: z
      .object({
        configMap: objectName.optional().describe('ConfigMap beside the Catalog, with the label keelson.dev/app-values: "true", key values.yaml.'),
        secret: objectName.optional().describe('Secret, likewise. Of a shared Catalog: all who use it see these values in their clusters.'),
      })
      .prefault({})
      .describe("Values for every chart of it, over the chart's own."),
  })
  .describe('Where charts come from.');

export const catalogStatus = z
  .object({
    observedGeneration,
    conditions,
  })
  .describe('What is.');

export type CatalogSpec = z.output<typeof catalogSpec>;
export type CatalogStatus = z.output<typeof catalogStatus>;
export type Catalog = { apiVersion: typeof apiVersion; kind: 'Catalog'; metadata: ObjectMeta; spec: CatalogSpec; status?: CatalogStatus };

export function catalogDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    kind: 'Catalog',
    plural: 'catalogs',
    version,
    description: 'Catalog is a repository of Helm charts.',
    spec: catalogSpec,
    status: catalogStatus,
    columns: [
      { name: 'Address', type: 'string', jsonPath: '.spec.repositories[0].url' },
      readyColumn,
      reasonColumn,
      ageColumn,
    ],
  });
}
