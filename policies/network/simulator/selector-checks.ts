/** Label selectors as pkg/labels/validation.go accepts them: Kubernetes' rules, with an optional source before the key. */
import type { LabelSelector } from './labels.ts';
import type { Problems } from './problems.ts';

const name = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;
const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export function checkSelector(selector: LabelSelector, path: string, problems: Problems): void {
  const refuse = (at: string, message: string) => problems.add('refused', `${path}.${at}`, message);
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (!isLabelKey(key)) refuse('matchLabels', `"${key}" is not a label key`);
    if (!isLabelValue(value)) refuse('matchLabels', `"${value}" (of ${key}) is not a label value`);
  }
  for (const [i, { key, operator, values = [] }] of (selector.matchExpressions ?? []).entries()) {
    const needsValues = operator === 'In' || operator === 'NotIn';
    if (needsValues !== values.length > 0) refuse(`matchExpressions[${i}].values`, needsValues ? `${operator} needs values` : `${operator} takes no values`);
    if (!isLabelKey(key)) refuse(`matchExpressions[${i}].key`, `"${key}" is not a label key`);
    for (const value of values) if (!isLabelValue(value)) refuse(`matchExpressions[${i}].values`, `"${value}" is not a label value`);
  }
}

function isLabelKey(key: string): boolean {
  const parts = key.split(':');
  if (parts.length > 2 || (parts.length === 2 && !/^[A-Za-z0-9]+$/.test(parts[0] ?? ''))) return false;
  const [first = '', second, ...rest] = (parts.at(-1) ?? '').split('/');
  if (rest.length > 0) return false;
  return second === undefined ? name.test(first) : first.length <= 253 && domain.test(first) && name.test(second);
}

function isLabelValue(value: string): boolean {
  return value === '' || name.test(value);
}
