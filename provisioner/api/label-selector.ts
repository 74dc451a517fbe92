/** metav1.LabelSelector, as a schema and as a question. */
import { z } from 'zod';
import { rules } from './openapi.ts';

export const labelSelector = z.object({
  matchLabels: z.record(z.string(), z.string().max(63)).optional().describe('Labels that must have these values.'),
  matchExpressions: z
    .array(z.object({ key: z.string().min(1).max(317), operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']), values: z.array(z.string().max(63)).max(64).optional() }).meta(rules(
      { rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)", message: 'In and NotIn have values, Exists and DoesNotExist have none' },
    )))
    .max(16).optional().describe('Conditions that must all hold.'),
});
export type LabelSelector = z.output<typeof labelSelector>;

/** Whether labels satisfy a selector; an empty one selects everything (metav1.LabelSelectorAsSelector). */
export function selects(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> = {}): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return Object.entries(matchLabels).every(([key, value]) => labels[key] === value) && matchExpressions.every(({ key, operator, values = [] }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === 'Exists') return value !== undefined;
    if (operator === 'DoesNotExist') return value === undefined;
    return operator === 'In' ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value);
  });
}
