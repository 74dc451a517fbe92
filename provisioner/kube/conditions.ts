/** metav1.Condition lists, as the API conventions want them: one entry per type, lastTransitionTime moves only with the status. */
import type { Clock } from './clock.ts';
import { timestamp } from './timestamp.ts';
import type { Condition } from './types.ts';

/** What a reconciler says; the time is found here. */
export type NewCondition = Omit<Condition, 'lastTransitionTime'>;

/** Messages are free text for people; the API server's limit is 32 KiB and what one reads on a screen far less. */
const maxMessage = 1024;

/** A new list with the condition in it, in place where its type was there, at the end otherwise. The given list stays as it is. */
export function setCondition(conditions: readonly Condition[] | undefined, condition: NewCondition, clock: Clock): Condition[] {
  const list = conditions ?? [];
  const old = findCondition(list, condition.type);
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : timestamp(clock.now());
  const message = condition.message.length > maxMessage ? `${condition.message.slice(0, maxMessage - 1)}…` : condition.message;
  const next: Condition = { ...condition, message, lastTransitionTime };
  return old ? list.map((entry) => (entry === old ? next : entry)) : [...list, next];
}

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition is there and True. Absent is not true. */
export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}
