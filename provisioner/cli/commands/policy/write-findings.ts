/** Findings as table, JSON, YAML or SARIF; exit code 1 when one is an error. */
import packageJson from '../../../../package.json' with { type: 'json' };
import { nameOf, type Finding } from '../../../../policies/findings/finding.ts';
import { sarif } from '../../../../policies/findings/sarif.ts';
import type { CliContext } from '../../context.ts';
import { write, type FindingsFormat } from '../../write.ts';

export interface FindingsReport {
  /** "keelson policy tenancy" */
  readonly command: string;
  /** Rule → what it demands; all that were checked. */
  readonly rules: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
  /** What was checked: "12 objects". */
  readonly checked: string;
}

export function writeFindings(context: CliContext, format: FindingsFormat, report: FindingsReport): void {
  const { findings, command: tool, rules } = report;
  if (format === 'sarif') context.stdout.write(`${JSON.stringify(sarif({ tool, version: packageJson.version, rules, findings }), undefined, 2)}\n`);
  else write(context, format, findings, () => findingsTable(report));
  if (findings.some(({ severity }) => severity === 'error')) context.setExitCode(1);
}

/** A block per object, errors first, then what was checked. */
export function findingsTable({ findings, checked }: Pick<FindingsReport, 'findings' | 'checked'>): string {
  const blocks = Map.groupBy(findings, ({ object, source }) => `${nameOf(object)}${source ? `  (${source.file}${source.line === undefined ? '' : `:${source.line}`})` : ''}`);
  const text = [...blocks].map(([object, own]) => [object, ...own.toSorted(bySeverity).map(lines)].join('\n')).join('\n\n');
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  return `${text && `${text}\n\n`}${checked} checked, ${count(errors, 'error')}, ${count(findings.length - errors, 'warning')}\n`;
}

const bySeverity = (a: Finding, b: Finding): number => Number(a.severity === 'warning') - Number(b.severity === 'warning');
const lines = ({ severity, rule, path, message, fix }: Finding): string => `  ${severity.padEnd(7)} ${rule}  ${path ? `${path} ` : ''}${message}\n          ${fix}`;
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
