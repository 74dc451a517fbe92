/** Findings as SARIF 2.1.0 (OASIS), which code hosts show beside the lines of a change. */
import { nameOf, type Finding } from './finding.ts';

export interface SarifInput {
  /** Name of the command that found them. */
  readonly tool: string;
  readonly version: string;
  /** Rule → what it demands, one sentence; those without findings too, so that a host knows they were checked. */
  readonly rules: Readonly<Record<string, string>>;
  readonly findings: readonly Finding[];
}

export function sarif({ tool, version, rules, findings }: SarifInput): object {
  const ids = Object.keys(rules);
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: tool, version, rules: ids.map((id) => ({ id, shortDescription: { text: rules[id] } })) } },
        results: findings.map((finding) => ({
          ruleId: finding.rule,
          ...(ids.includes(finding.rule) ? { ruleIndex: ids.indexOf(finding.rule) } : {}),
          level: finding.severity,
          message: { text: `${nameOf(finding.object)}${finding.path && `, ${finding.path}`}: ${finding.message}. ${finding.fix}` },
          locations: [location(finding)],
        })),
      },
    ],
  };
}

function location({ object, path, source }: Finding): object {
  const logical = { logicalLocations: [{ name: object.name, fullyQualifiedName: `${nameOf(object)}${path && `.${path}`}`, kind: 'object' }] };
  if (!source || source.file === '-') return logical;
  // A region without a line is not valid: hosts then show the finding at the top of the file.
  return { physicalLocation: { artifactLocation: { uri: encodeURI(source.file) }, ...(source.line === undefined ? {} : { region: { startLine: source.line } }) }, ...logical };
}
