/**
 * Exceptions: who may break which checks with which workload, why, and until when. They are chart data, not objects of a
 * kind of their own: whoever may change the chart may grant them, nobody else.
 */
import { z } from 'zod';
import type { CheckId } from './check.ts';
import { PodPolicyError } from './errors.ts';
import { table } from './table.ts';

const dnsName = z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/);
/** Kinds that people write; pods of a ReplicaSet count as its Deployment's, those of a Job as its CronJob's. */
export const exceptionKinds = ['Pod', 'Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'ReplicationController'] as const;

const checkIds = table.map((check) => check.id) as [CheckId, ...CheckId[]];

/** The workload and what it may do: the part that follows from the manifest. */
export const waiverSchema = z.object({
  namespace: dnsName.describe('The one namespace in which it counts.'),
  kind: z.enum(exceptionKinds).describe('Kind of the workload; its pods are included.'),
  name: dnsName.describe('Exact name of the workload; no patterns.'),
  labels: z.record(z.string(), z.string()).default({}).describe('Labels that its pods must have, all of them.'),
  checks: z.array(z.enum(checkIds)).min(1).describe('Checks of the Pod Security Standards that it may break.'),
  reason: z.string().min(10).describe('Why it cannot do without.'),
});

export const exceptionSchema = waiverSchema.extend({
  who: z
    .array(z.string().regex(/^[^"\\\s]+$/))
    .default([])
    .describe('User names and groups that may create it (system:serviceaccount:flux-system:flux); empty: everyone who may create the workload. Pods of a controller are created by the controller and need not be listed.'),
  owner: z.string().min(2).describe('Team or person that answers for it.'),
  ticket: z.string().min(2).describe('Where it was decided.'),
  expires: z.iso.datetime().describe('End, as 2027-01-31T00:00:00Z: objects created later are judged as if it were not there.'),
});

export type Waiver = Readonly<z.infer<typeof waiverSchema>>;
export type Exception = Readonly<z.infer<typeof exceptionSchema>>;

/**
 * Exceptions that may be rendered. @param now what time it is
 * @throws PodPolicyError PODS_EXCEPTION for one that is malformed or over: what is rendered must not look as if it counted
 */
export function checkedExceptions(input: unknown, now: Date): Exception[] {
  const parsed = z.array(exceptionSchema).safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new PodPolicyError('PODS_EXCEPTION', `exceptions: ${issue?.path.join('.') || 'the list'}: ${issue?.message ?? 'malformed'}: correct it`, { cause: parsed.error });
  }
  for (const exception of parsed.data) {
    if (isExpired(exception, now)) throw new PodPolicyError('PODS_EXCEPTION', `exception for ${nameOf(exception)} expired at ${exception.expires}: remove it, or renew it with its owner ${exception.owner}`);
  }
  return parsed.data;
}

export function isExpired(exception: Exception, at: Date): boolean {
  return Date.parse(exception.expires) <= at.getTime();
}

/**
 * The values of the chart policies without the exceptions that are over; the same values where none is. Entries that cannot
 * be read stay, for the chart to refuse.
 */
export function withoutExpired(values: Readonly<Record<string, unknown>>, now: Date): Readonly<Record<string, unknown>> {
  const pods = values['pods'] as { readonly exceptions?: unknown } | null | undefined;
  const exceptions = pods?.exceptions;
  if (!Array.isArray(exceptions)) return values;
  const left = exceptions.filter((entry: { readonly expires?: unknown } | null) => !(Date.parse(String(entry?.expires)) <= now.getTime()));
  return left.length === exceptions.length ? values : { ...values, pods: { ...pods, exceptions: left } };
}

export function nameOf({ namespace, kind, name }: Waiver): string {
  return `${kind} ${namespace}/${name}`;
}
