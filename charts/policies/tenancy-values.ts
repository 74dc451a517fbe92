/** Values of the part "tenancy": what namespaces may take, and the roles of people. */
import { z } from 'zod';
import { classNames } from '../../policies/tenancy/namespace-class.ts';

const namespace = z.object({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/).max(63).describe('The namespace; it is there already.'),
  class: z.enum(classNames).default('tenant').describe('What it may take.'),
  quota: z
    .record(z.string(), z.union([z.string(), z.int().min(0)]))
    .default({})
    .describe('Amounts that replace those of the class, by name; "unlimited" takes one out. `<class>.storageclass.storage.k8s.io/requests.storage` bounds a storage class.'),
});

export const tenancyValues = z
  .object({
    namespaces: z.array(namespace).default([]).describe('Namespaces that get defaults, bounds and a quota.'),
    priorityClasses: z.boolean().default(true).describe('The priority classes of the platform, of tenants (default) and of batch work. Off where another release has them.'),
    roles: z.boolean().default(true).describe('ClusterRoles keelson-reader, -editor, -admin and -automation, to be bound namespace by namespace.'),
    nodePorts: z.boolean().default(false).describe('Let Services of tenants be of type NodePort.'),
  })
  .prefault({})
  .describe('What namespaces may take, and the roles of people.');
