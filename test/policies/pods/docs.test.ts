/** docs/policies/pods.md: every check has its section, with a pod that breaks it and one that does not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { loadAll } from 'js-yaml';
import { parse } from 'yaml';
import { exceptionSchema } from '../../../policies/pods/exception.ts';
import { evaluatorOf } from '../../../policies/pods/evaluate.ts';
import type { Fields } from '../../../policies/pods/fields.ts';
import { table } from '../../../policies/pods/table.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/policies/pods.md'), 'utf8');
const sections = new Map(page.split(/^### /m).slice(1).map((text) => [text.slice(0, text.indexOf('\n')), text]));
const blockAfter = (word: string, text: string): Fields => loadAll(new RegExp(`^${word}:\n\`\`\`yaml\n([^]*?)\`\`\``, 'm').exec(text)?.[1] ?? '')[0] as Fields;

test('has one section per check, in the order of the table', () => {
  expect([...sections.keys()]).toEqual(table.map((check) => check.id));
});

test.each(table.map((check) => [check.id, check] as const))('%s: the bad pod breaks it, the good one does not', (id, check) => {
  const text = sections.get(id) ?? '';
  const judge = evaluatorOf({ level: check.level, version: 'latest' });
  expect(judge(blockAfter('Bad', text)).map((violation) => violation.check)).toContain(id);
  expect(judge(blockAfter('Good', text)).map((violation) => violation.check)).not.toContain(id);
  expect(text).toContain(`*${check.level}, `);
  for (const fix of check.revisions.flatMap((revision) => revision.rules.map((rule) => rule.fix))) expect(text).toContain(fix);
});

test('the example of an exception is one that the chart takes', () => {
  const values = parse(/```yaml\n(pods:[^]*?)```/.exec(page)?.[1] ?? '') as { pods: { exceptions: unknown[] } };
  expect(exceptionSchema.array().parse(values.pods.exceptions)).toHaveLength(1);
});
