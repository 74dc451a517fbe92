/** The rules that every cluster evaluates, and the page of what they record. */
import { stringify } from 'yaml';
import { groupsFor } from '../../monitoring/rules/index.ts';
import { renderGroups } from '../../monitoring/rules/render.ts';

export function derived(): Record<string, string> {
  return { 'rules/records.yaml': stringify(renderGroups(groupsFor('workload'), { runbookBase: '' }), { version: '1.1', lineWidth: 0 }) };
}
