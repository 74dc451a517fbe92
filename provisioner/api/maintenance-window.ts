/** MaintenanceWindow: hours in which clusters are worked on and none of their alerts is sent, once or every week. */
import { z } from 'zod';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition, readyColumn, reasonColumn } from './crd.ts';
import { labelSelector } from './label-selector.ts';
import { conditions, type ObjectMeta, type StatusOf } from './metadata.ts';
import { apiVersion, version } from './names.ts';
import { rules } from './openapi.ts';
import { deliveryStatus, silenceOwner, silenceReason } from './silence.ts';

export const weekDays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
/** Of one window, and of all of a week. */
export const longestWindowHours = 24;

const time = () => z.string().meta({ format: 'date-time' });

const once = z
  .object({ from: time().describe('When it begins.'), to: time().describe('When it ends.') })
  .meta(rules(
    { rule: 'self.from < self.to', message: 'to is after from', fieldPath: '.to' },
    { rule: `self.to - self.from <= duration('${longestWindowHours}h')`, message: `a window has ${longestWindowHours} hours at most`, fieldPath: '.to' },
  ))
  .describe('One window.');

const weekly = z
  .object({
    days: z.array(z.enum(weekDays)).min(1).max(7).meta({ 'x-kubernetes-list-type': 'set' }).describe('Days on which it begins.'),
    at: z.string().max(5).regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/).describe('Time of the day at which it begins: "22:00".'),
    hours: z.int().min(1).max(longestWindowHours).describe('How long it lasts, in hours.'),
    timeZone: z.string().min(1).max(64).regex(/^[A-Za-z0-9_+/-]+$/).default('UTC').describe('Of the IANA list: Europe/Berlin. A time that a clock change leaves out is an hour later; of one that comes twice the first counts.'),
    until: time().optional().describe('No window begins after this. Not given: until the object is deleted.'),
  })
  .meta(rules({ rule: `self.days.size() * self.hours <= ${longestWindowHours}`, message: `the windows of a week have ${longestWindowHours} hours together at most` }))
  .describe('The same window every week.');

export const maintenanceWindowSpec = z
  .object({
    owner: silenceOwner,
    reason: silenceReason,
    clusters: z
      .object({
        names: z.array(z.string().min(1).max(128).regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)).min(1).max(64).optional().meta({ 'x-kubernetes-list-type': 'set' }).describe("Clusters by name; in a namespace of the fleet's owners with their namespace: org-demo/demo."),
        selector: labelSelector.optional().describe("Clusters by label: of this namespace; in one of the fleet's owners of all."),
      })
      .default({})
      .meta(rules({ rule: '!(has(self.names) && has(self.selector))', message: 'names and selector exclude each other' }))
      .describe("Which clusters. Empty: all of this namespace; the fleet's owners name theirs."),
    once: once.optional(),
    weekly: weekly.optional(),
  })
  .meta(rules({ rule: 'has(self.once) != has(self.weekly)', message: 'give once or weekly' }))
  .describe('When, for which clusters, by whom and why.');

export const maintenanceWindowStatus = z
  .object({
    ...deliveryStatus,
    clusters: z.int().min(0).optional().describe('Clusters it is for.'),
    window: z.object({ from: time(), to: time() }).optional().describe('The window that is open, or the next one.'),
    conditions,
  })
  .describe('What is.');

export type MaintenanceWindowSpec = z.output<typeof maintenanceWindowSpec>;
export type MaintenanceWindowStatus = StatusOf<typeof maintenanceWindowStatus>;
export type MaintenanceWindow = { apiVersion: typeof apiVersion; kind: 'MaintenanceWindow'; metadata: ObjectMeta; spec: MaintenanceWindowSpec; status?: MaintenanceWindowStatus };

export function maintenanceWindowDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    kind: 'MaintenanceWindow',
    plural: 'maintenancewindows',
    version,
    description: 'MaintenanceWindow keeps alerts of clusters from people while somebody works on them.',
    spec: maintenanceWindowSpec,
    status: maintenanceWindowStatus,
    columns: [
      { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
      { name: 'Clusters', type: 'integer', jsonPath: '.status.clusters' },
      { name: 'From', type: 'string', jsonPath: '.status.window.from' },
      { name: 'To', type: 'string', jsonPath: '.status.window.to' },
      readyColumn,
      reasonColumn,
      { name: 'Alertmanagers', type: 'string', jsonPath: '.status.alertmanagers' },
      ageColumn,
    ],
  });
}
