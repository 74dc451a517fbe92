/**
 * Silence: alerts whose cause is known and takes time, with who answers for it, why, and an end. It stands in an
 * organization's namespace, for that organization's clusters, or in one of the fleet's owners, for all.
 */
import { z } from 'zod';
import { alertMatchers } from './alert-matchers.ts';
import { ageColumn, customResourceDefinition, type CustomResourceDefinition, readyColumn, reasonColumn } from './crd.ts';
import { conditions, observedGeneration, type ObjectMeta, type StatusOf } from './metadata.ts';
import { apiVersion, version } from './names.ts';

/** From the making of the object to its end. */
export const longestSilenceDays = 30;

export const silenceOwner = z.string().min(1).max(128).describe('Who answers for it: a person or a team that can be asked.');
export const silenceReason = z.string().min(10).max(512).describe('Why, for those who look later: what is being done about it, the ticket.');

export const silenceSpec = z
  .object({
    owner: silenceOwner,
    reason: silenceReason,
    expiresAt: z.string().meta({ format: 'date-time' }).describe(`When it ends, ${longestSilenceDays} days after the object was made at most; make another one then.`),
    matchers: alertMatchers,
  })
  .describe('What is silenced, by whom and why.');

/** What both kinds say of their delivery. */
export const deliveryStatus = {
  observedGeneration,
  matchers: z.array(z.string()).optional().describe('What Alertmanager was given, with the matchers that confine it to the clusters of its namespace.'),
  alertmanagers: z.string().optional().describe('In how many Alertmanagers it is, of those that are known: 2/2.'),
};

export const silenceStatus = z.object({ ...deliveryStatus, conditions }).describe('What is.');

export type SilenceSpec = z.output<typeof silenceSpec>;
export type SilenceStatus = StatusOf<typeof silenceStatus>;
export type Silence = { apiVersion: typeof apiVersion; kind: 'Silence'; metadata: ObjectMeta; spec: SilenceSpec; status?: SilenceStatus };

export function silenceDefinition(): CustomResourceDefinition {
  return customResourceDefinition({
    kind: 'Silence',
    plural: 'silences',
    version,
    description: 'Silence keeps alerts from people for a while, for a reason.',
    spec: silenceSpec,
    status: silenceStatus,
    columns: [
      { name: 'Owner', type: 'string', jsonPath: '.spec.owner' },
      { name: 'Expires', type: 'string', jsonPath: '.spec.expiresAt' },
      readyColumn,
      reasonColumn,
      { name: 'Alertmanagers', type: 'string', jsonPath: '.status.alertmanagers' },
      { name: 'Why', type: 'string', jsonPath: '.spec.reason', priority: 1 },
      ageColumn,
    ],
  });
}
