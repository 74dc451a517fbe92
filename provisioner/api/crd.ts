/** A CustomResourceDefinition from the Zod schemas of spec and status. */
import type { z } from 'zod';
import { group } from './names.ts';
import { structural, type Rule } from './openapi.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly jsonPath: string;
  readonly description?: string;
  /** 0 shows always, more only with `-o wide`. */
  readonly priority?: number;
}

export interface CustomResource {
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  /** Default Namespaced. */
  readonly scope?: 'Namespaced' | 'Cluster';
  readonly version: string;
  readonly description: string;
  readonly spec: z.ZodObject;
  readonly status: z.ZodObject;
  /** Rules over the whole object: `self.metadata.name` and `self.spec`. */
  readonly rules?: readonly Rule[];
  readonly columns: readonly PrinterColumn[];
}

/** Columns that most of our kinds show. */
export const readyColumn: PrinterColumn = { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' };
export const reasonColumn: PrinterColumn = { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' };
export const ageColumn: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One stored version with the status subresource. */
export function customResourceDefinition(resource: CustomResource): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${resource.plural}.${group}` },
    spec: {
      group,
      scope: resource.scope ?? 'Namespaced',
      names: {
        kind: resource.kind,
        listKind: `${resource.kind}List`,
        plural: resource.plural,
        singular: resource.kind.toLowerCase(),
        categories: ['keelson'],
        ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
      },
      versions: [
        {
          name: resource.version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: resource.columns,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: resource.description,
              required: ['spec'],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: structural(resource.spec),
                status: structural(resource.status),
              },
              ...(resource.rules ? { 'x-kubernetes-validations': resource.rules } : {}),
            },
          },
        },
      ],
    },
  };
}
