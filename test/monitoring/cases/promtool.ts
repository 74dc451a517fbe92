/** Runs cases through promtool: one process, and for each case a file with its alert and the records that this reads. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { readingOf } from '../../../monitoring/promql.ts';
import { ruleGroups } from '../../../monitoring/rules/index.ts';
import type { Rule, RuleGroup } from '../../../monitoring/rules/model.ts';
import { renderGroups } from '../../../monitoring/rules/render.ts';
import type { AlertCase } from '../rule-cases.ts';
import { keyOf, promtoolTests, type Case, type Expected } from './case.ts';

/** The rules of one alert, of every severity, with all records that it reads and that these read. */
export function rulesFor(alert: string): RuleGroup[] {
  const wanted = new Set<Rule>(ruleGroups.flatMap(({ rules }) => rules.filter((rule) => rule.kind === 'alert' && rule.alert === alert)));
  for (const rule of wanted) {
    const read = new Set(readingOf(rule.expr).selectors.map(({ metric }) => metric));
    for (const record of ruleGroups.flatMap(({ rules }) => rules)) if (record.kind === 'record' && read.has(record.record)) wanted.add(record);
  }
  // Every group at the same pace: what is tried is the rule, not how often it is asked.
  return ruleGroups.map(({ name, place, rules }) => ({ name, place, rules: rules.filter((rule) => wanted.has(rule)) })).filter(({ rules }) => rules.length);
}

export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Output of promtool; status 0 when all hold. @param bin folder of the tools */
export function runCases(bin: string, cases: readonly Case[], expected: Expected): Outcome {
  return runTests(bin, cases.map((one) => ({ alert: one.alert, tests: promtoolTests(one, expected) })));
}

/** Tests of alerts by name, each with the rules of its alert. */
export function runTests(bin: string, all: readonly { readonly alert: string; readonly tests: readonly AlertCase[] }[]): Outcome {
  const folder = mkdtempSync(join(tmpdir(), 'cases-'));
  const write = (name: string, content: unknown): string => {
    writeFileSync(join(folder, name), stringify(content, { version: '1.1', aliasDuplicateObjects: false }));
    return join(folder, name);
  };
  try {
    const files = all.map(({ alert, tests }, i) => {
      const own = rulesFor(alert);
      const rules = write(`rules-${i}.yaml`, renderGroups(own, { runbookBase: 'https://runbooks', boardBase: 'https://boards' }));
      return write(`case-${i}.yaml`, { rule_files: [rules], evaluation_interval: '1m', group_eval_order: own.map(({ name }) => name), tests });
    });
    const { status, stdout, stderr } = spawnSync(join(bin, 'promtool'), ['test', 'rules', ...files], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
    return { status, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What fires in each case, read from promtool's complaint that nothing should. */
export function firing(output: string, cases: readonly Case[]): Expected {
  const found: Record<string, Expected[string][number][]> = {};
  for (const one of cases) {
    const block = new RegExp(`name: ${escape(keyOf(one))} fires,([\\s\\S]*?)(?=\\n    name: |\\n\\n|$)`).exec(output)?.[1] ?? '';
    const got = block.split('got:[')[1] ?? '';
    found[keyOf(one)] = [...got.matchAll(/Labels:(\{.*\})\n\s*Annotations:(\{.*\})/g)].map(([, labels = '', annotations = '']) => {
      const { alertname: _, ...own } = pairs(labels);
      return { labels: own, annotations: pairs(annotations) };
    });
  }
  return found;
}

/** {a="b", c="d"} with Go's quoting, which JSON reads. */
function pairs(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)=("(?:[^"\\]|\\.)*")/g)].map(([, name = '', value = '""']) => [name, JSON.parse(value) as string]));
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
